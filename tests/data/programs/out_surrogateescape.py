# Bytes that are no text, through surrogateescape.
import os, sys
open(b"/tmp/\xff\xfe", "w").close()
names = [n for n in os.listdir("/tmp") if not n.startswith(".")]
print(ascii(names), os.listdir(b"/tmp"))
sys.stdout.reconfigure(errors="surrogateescape")
print(names[0])
