root = getattr(getattr((), "__class__"), "__ba" "se__")  #! python.mro
kinds = type(root).__bases__  #! python.mro
print(root, kinds)
