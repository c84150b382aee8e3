# An indentation error.
if True:
print("never")
