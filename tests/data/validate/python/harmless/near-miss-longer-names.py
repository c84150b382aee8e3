def evaluate(expression):
    return len(expression)


def executor(task):
    return task()


def compile_report(lines):
    return "\n".join(lines)


osmosis = 3
system = "solar"
subprocess_count = 4
my_globals = {"a": 1}
socket_size = 8
executable = evaluated = opened = 0
imported_modules = ["math"]
exec_time, eval_loss, os_name, sys_version = 0.1, 0.2, "linux", (3, 11)
local_s = __import_count__ = 2
retrieval, medieval, osprey = "r", "m", "o"

print(evaluate("1+1"), executor(lambda: osmosis), compile_report(["a", "b"]))
print(system, subprocess_count, my_globals, socket_size, exec_time, eval_loss, os_name, sys_version)
print(retrieval, medieval, osprey, imported_modules, executable, evaluated, opened, local_s, __import_count__)
