from dataclasses import dataclass


@dataclass
class Call:
    name: str
    args: list


def judge(node):
    match node:
        case Call(name="eval" | "exec" as name):
            return f"{name} is dangerous"
        case Call(name="open", args=[str(path), *_]) if path.startswith("/etc"):
            return f"reads {path}"
        case {"os": {"system": command}}:
            return f"runs {command}"
        case [first, *rest]:
            return f"{first} and {len(rest)} more"
        case int() | float():
            return "number"
        case _:
            return "unknown"


for thing in (Call("eval", []), Call("open", ["/etc/hosts"]), {"os": {"system": "ls"}}, [1, 2], 3, None):
    print(judge(thing))
