import re
from collections import Counter

LINE = re.compile(
    r"""
    ^(?P<host>\S+)\s+\S+\s+(?P<user>\S+)\s+
    \[(?P<time>[^\]]+)\]\s+
    "(?P<method>[A-Z]+)\s(?P<path>\S+)[^"]*"\s+
    (?P<status>\d{3})\s+(?P<size>\d+|-)$
    """,
    re.VERBOSE,
)

LOG = """\
10.0.0.1 - ann [10/Oct/2023:13:55:36 +0000] "GET /index.html HTTP/1.1" 200 2326
10.0.0.2 - - [10/Oct/2023:13:55:40 +0000] "GET /eval?x=os.system HTTP/1.1" 404 12
10.0.0.1 - ann [10/Oct/2023:13:56:01 +0000] "POST /login HTTP/1.1" 302 -
not a log line
"""

status = Counter()
for line in LOG.splitlines():
    match = LINE.match(line)
    if match is None:
        print("skipped:", line)
        continue
    status[match["status"]] += 1
    print(match["host"], match.group("method"), match.group("path"))
print(status.most_common())
