total = 0
for n in range(10):
    total += n
print("total", total)
print("a"  #! python.syntax-error
