def eval(text):
    """Count the words, nothing else."""
    return len(text.split())


def exec(task):
    return f"running {task}"


def compile(lines):
    return "\n".join(lines)


def globals():
    return {"nothing": "here"}


print(eval("not the builtin"), exec("nothing"), compile(["a", "b"]), globals())
check = eval
print(check("one two"), list(map(exec, ["a", "b"])))
