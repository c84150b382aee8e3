def wipe(path):
    os.unlink(path)  #! python.os.delete


import os  #! python.import.os

wipe("data.db")
