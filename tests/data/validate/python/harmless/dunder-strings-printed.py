NAMES = ["__class__", "__mro__", "__subclasses__", "__globals__", "__builtins__", "__import__"]
for name in NAMES:
    print(f"{name:>16} has {len(name.strip('_'))} letters")
print("__{}__".format("init"), "__%s__" % "name", "__" + "call" + "__")
print("A text about ().__class__.__base__ and func.__code__.co_code")
print({n: n.startswith("__") for n in NAMES})
