import pkgutil as p  #! python.import.importlib

target = input("function to call: ")
print(p.resolve_name(target)("id"))
