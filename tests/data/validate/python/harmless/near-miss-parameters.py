def combine(input, open, eval, vars, dir, type, compile=None, exec=0):
    total = open + eval + exec
    return input * total, vars, dir, type, compile


def apply(eval, values):
    return [eval(v) for v in values]


def run(exec, *globals, **locals):
    return exec(globals), locals


print(combine("ab", 1, 2, ["v"], "d", type=int, compile=True))
print(apply(lambda v: v * v, [1, 2, 3]))
print(apply(eval=str, values=(4, 5)))
print(run(len, 1, 2, 3, key="value"))
twice = lambda eval, x: eval(eval(x))
print(twice(abs, -4), sorted(["b", "A"], key=lambda exec: exec.lower()))
