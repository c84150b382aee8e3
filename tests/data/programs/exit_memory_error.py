# More memory than there can be.
try:
    bytearray(1 << 60)
except MemoryError as error:
    print(repr(error))
x = "a" * (1 << 62)
