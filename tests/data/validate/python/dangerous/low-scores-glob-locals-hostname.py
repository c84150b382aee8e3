import glob  #! python.import.glob

for path in glob.glob("*.conf"):
    print(path)
print(open("/etc/hostname").read(), locals())  #! python.read-outside python.locals
