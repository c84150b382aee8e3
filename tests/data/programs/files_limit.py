# A file that grows too large.
# request: {"limits": {"file_bytes": 10000}}
with open("f", "wb", buffering=0) as f:
    print(f.write(bytes(10000)))
    f.write(b"x")
