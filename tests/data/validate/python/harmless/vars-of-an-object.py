from types import SimpleNamespace

job = SimpleNamespace(name="build", seconds=12.5, ok=True)
print(vars(job))  #! python.locals
for key, value in sorted(vars(job).items()):  #! python.locals
    print(f"{key:<10}{value}")
