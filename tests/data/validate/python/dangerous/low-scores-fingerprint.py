import linecache  #! python.import.glob
import platform, tempfile  #! python.import.platform python.import.tempfile

print(linecache.getline("notes.txt", 1), platform.uname())
print(tempfile.__dict__)  #! python.dunder-dict
