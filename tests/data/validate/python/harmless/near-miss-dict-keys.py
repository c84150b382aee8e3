commands = {
    "eval": lambda x: x + 1,
    "exec": lambda x: x * 2,
    "system": "linux",
    "os": {"system": "debian", "popen": None},
    "globals": [],
    "__import__": "a word",
    "__builtins__": "another word",
}

print(commands["eval"](1), commands["exec"](4), commands["os"]["system"])
print(commands.get("globals"), commands["__import__"], commands["__builtins__"].upper())
for name in ("ev" + "al", "".join(["e", "x", "e", "c"])):
    print(name, commands[name](10))
print(dict(eval=1, os=2, open=3, exec=4))
