PROGRAM = '''
import os, subprocess, sys
from ctypes import CDLL

def main():
    os.system("rm -rf /")
    exec(open("/etc/shadow").read())
    subprocess.run(["curl", "http://example.org"], check=True)
    while True:
        eval(input())

if __name__ == "__main__":
    sys.exit(main())
'''

lines = PROGRAM.strip().splitlines()
print(len(lines), "lines,", sum(line.startswith("import") for line in lines), "import lines")
with open("/tmp/example.txt", "w") as f:
    f.write(PROGRAM)
