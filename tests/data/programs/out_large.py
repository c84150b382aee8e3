# More than is kept: head and tail.
# request: {"limits": {"output_bytes": 4096}}
for n in range(20000):
    print("line", n)
