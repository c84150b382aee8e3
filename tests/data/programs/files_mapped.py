# Memory that is a file.
import mmap
with open("m", "wb+") as f:
    f.truncate(8192)
    with mmap.mmap(f.fileno(), 0) as m:
        m[:5] = b"hello"
        m[4096:4101] = b"there"
        print(m.find(b"there"), m.size())
print(open("m", "rb").read(5))
a = mmap.mmap(-1, 4096)
a.write(b"anonymous")
print(a[:9])
