FIELDS = {"name": "str", "age": "int", "email": "str"}


def generate(cls, fields):
    lines = ["import dataclasses", "", "@dataclasses.dataclass", f"class {cls}:"]
    lines += [f"    {name}: {kind}" for name, kind in fields.items()]
    lines += ["", "if __name__ == '__main__':", "    import sys", f"    sys.exit(print({cls}.__name__))"]
    return "\n".join(lines) + "\n"


source = generate("Person", FIELDS)
with open("person.py", "w", encoding="utf-8") as out:
    out.write(source)
print(source)
