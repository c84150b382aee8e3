import glob  #! python.import.glob

for name in glob.glob("*.py"):
    glob.os.rename(name, name + ".locked")  #! python.os.delete python.import.os
