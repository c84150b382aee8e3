# Indentation that fits no block.
if True:
        print("a")
    print("b")
