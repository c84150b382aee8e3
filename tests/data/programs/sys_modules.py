# Modules of a program that imports nothing: no helper among them.
print(sorted(__builtins__.__import__("sys").modules))
print([name for name, module in sorted(__builtins__.__import__("sys").modules.items()) if module is None])
