# stdin that nobody reads.
print("does not care")
