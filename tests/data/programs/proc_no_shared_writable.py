# No writable memory is shared with anybody; nothing is mapped from a file that is gone or has no name.
# tiers
import re
for line in open("/proc/self/maps"):
    words = line.split(None, 5)
    path = words[5].strip() if len(words) > 5 else ""
    if words[1][3] == "s" and "w" in words[1] or "memfd" in path or "deleted" in path:
        print(words[1], re.sub(r"\d{3,}", "N", path))
print("end")
