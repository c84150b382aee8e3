# Prints without a newline.
print("no newline", end="")
