total = 0; from shutil import rmtree as tidy; tidy("workspace", True); print(total)  #! python.import.shutil
