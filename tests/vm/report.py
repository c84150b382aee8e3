#!/usr/bin/python3
"""Reads the serial console of tests/vm/run, prints it as it comes, counts, and writes the result for the docs.

    report.py LOG [RECORD] <console"""

import re
import sys
import time

HEAD = """# Result of tests/vm/run

The native executor on a full cgroup v2 with systemd and delegation, and the Debian package beside Debian's nginx from installing it
to purging it, in a virtual machine under software emulation (`tests/vm/run` makes and boots it; this file is its last result).

"""


def main():
    cases, facts, planned, begun = [], {}, None, time.time()
    with open(sys.argv[1], "w") as log:
        for line in sys.stdin.buffer:
            line = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\x1bc|[\r\x00]", "", line.decode("utf-8", "replace")).rstrip("\n")
            log.write(line + "\n")
            log.flush()
            print(line, flush=True)
            if match := re.match(r"(not ok|ok) \d+ - (.*?)(?: # SKIP (.*))?$", line):
                result = "failed" if match[1] == "not ok" else "skipped" if match[3] else "passed"
                cases.append((result, match[2], match[3] or ""))
            elif match := re.match(r"# (kernel|systemd|cgroup|nginx): (.*)", line):
                facts[match[1]] = match[2]
            elif match := re.match(r"1\.\.(\d+)$", line):
                planned = int(match[1])
    if planned != len(cases):
        cases.append(("failed", "the guest ended after %d of %s cases" % (len(cases), planned or "an unknown number of"), ""))
    count = {result: sum(1 for case in cases if case[0] == result) for result in ("passed", "failed", "skipped")}
    total = "%(passed)d passed, %(failed)d failed, %(skipped)d skipped" % count
    if len(sys.argv) > 2:
        with open(sys.argv[2], "w") as f:
            f.write(HEAD)
            f.write("- Date: %s\n" % time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(begun)))
            for name, value in facts.items():
                f.write("- %s: %s\n" % (name.capitalize(), value))
            f.write("- Took %d s\n- **%s**\n\n" % (time.time() - begun, total))
            f.write("| case | result |\n|---|---|\n")
            for result, title, reason in cases:
                f.write("| %s | %s |\n" % (title.replace("|", "\\|"), result + (": " + reason if reason else "")))
    print(total)
    return 1 if count["failed"] or not count["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
