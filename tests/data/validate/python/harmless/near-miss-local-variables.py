import re


def find(text):
    compile = re.compile
    pattern = compile(r"\d+")
    return pattern.findall(text)


def scores(rows):
    for eval in rows:
        print(eval)
    exec = max(rows)
    with_tax = [globals * 1.19 for globals in rows]
    vars, locals = divmod(exec, 2)
    return exec, with_tax, vars, locals


def outer(items):
    eval = items[0]

    def inner():
        return eval + 1

    return inner()


print(find("a1b22"), scores([1, 5, 3]), outer([41]))
