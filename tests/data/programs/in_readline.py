# readline, read, readlines in turn; tell and seek.
# tiers
import sys, os
print(ascii(sys.stdin.readline()), sys.stdin.read(3), sys.stdin.seekable(), sys.stdin.tell())
print(os.lseek(0, 0, os.SEEK_CUR), sys.stdin.readlines(4))
print(sys.stdin.seek(4), sys.stdin.readline(2), sys.stdin.read(), sys.stdin.seek(0, os.SEEK_END), os.lseek(0, 0, os.SEEK_CUR))
sys.stdin.seek(0)
print(len(sys.stdin.read()), sys.stdin.buffer.tell())
