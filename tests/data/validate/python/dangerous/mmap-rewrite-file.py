from mmap import mmap  #! python.import.mmap

with open("data.bin", "r+b") as f:
    view = mmap(f.fileno(), 0)
    view[:4] = b"\0\0\0\0"
