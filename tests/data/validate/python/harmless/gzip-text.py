import gzip
import zlib

with gzip.open("log.txt.gz", "wt", encoding="utf-8") as f:
    for n in range(100):
        f.write(f"line {n}\n")
with gzip.open("log.txt.gz", "rt", encoding="utf-8") as f:
    print(sum(1 for _ in f))

raw = b"abc" * 1000
packed = zlib.compress(raw, 9)
assert zlib.decompress(packed) == raw
print(len(raw), len(packed), hex(zlib.crc32(raw)))
