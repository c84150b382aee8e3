# the name stands before a continued line
tree = compile \
    ("1 + 1", "<s>", \
     "eval")
print(tree)
#! @2 python.compile
