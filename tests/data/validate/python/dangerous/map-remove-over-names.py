from os import remove as tidy, listdir  #! python.os.delete python.import.os

list(map(tidy, listdir(".")))  #! python.os.delete
