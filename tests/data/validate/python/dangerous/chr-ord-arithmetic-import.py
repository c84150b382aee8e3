where = __import__(chr(ord("n") + 1) + chr(115)).getcwd()  #! python.dunder-import python.import.os
print(where)
