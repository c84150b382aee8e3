class Box:
    pass


box = Box()
vars(box)["x"] = 1  #! python.locals
print(box.__dict__)  #! python.dunder-dict
import fileinput  #! python.import.glob

for line in fileinput.input(["notes.txt"]):
    print(line)
