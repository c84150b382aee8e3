from sys import modules as table  #! python.sys.import-state python.import.sys

here = table["po" + "six"].getcwd()  #! python.sys.import-state python.import.os
print(here)
