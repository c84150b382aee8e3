names = [c.__name__ for c in object.__ｓｕｂclasses__(  #! python.subclasses
)]
print(names)
