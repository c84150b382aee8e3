# a program in a main() that returns its status
# tiers
import gzip
import sys


def main():
    return 0


out = open("out.txt", "w")
out.write("x")
packed = gzip.GzipFile("packed.txt", "wb", mtime=0)
packed.write(b"y" * 100)
sys.exit(main())
