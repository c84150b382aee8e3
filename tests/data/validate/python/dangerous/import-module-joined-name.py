from importlib import import_module as load  #! python.import.importlib

name = "".join(["sub", "pro", "cess"])
worker = load(name)  #! python.import.subprocess
print(worker.run("id", shell=True, capture_output=True).stdout)
