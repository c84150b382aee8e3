import marshal  #! python.import.marshal

blob = marshal.dumps((make := compile)("print(1)", "<x>", "single"))  #! python.compile
with open("x.bin", "wb") as f:
    f.write(b"\0" * 16 + blob)
