with open("notes.txt", "w", encoding="utf-8") as f:
    f.write("first\n")
    print("second", file=f)

with open("notes.txt", "a", encoding="utf-8") as f:
    f.writelines(f"line {n}\n" for n in range(3, 6))

with open("notes.txt", encoding="utf-8") as f:
    for number, line in enumerate(f, 1):
        print(number, line.rstrip())

with open("/tmp/copy.bin", "wb") as out, open("notes.txt", "rb") as source:
    out.write(source.read())

try:
    open("missing.txt")
except FileNotFoundError as error:
    print("no such file:", error.filename)
