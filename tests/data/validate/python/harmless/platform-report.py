import platform  #! python.import.platform

print("Python", platform.python_version(), platform.python_implementation())
if platform.system() == "Windows":
    print("backslashes")
else:
    print(platform.machine())
