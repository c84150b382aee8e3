found = getattr(object, "__sessalcbus__"[::-1])()  #! python.subclasses
print(len(found))
