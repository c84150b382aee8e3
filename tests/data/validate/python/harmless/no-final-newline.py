x = [n ** 2 for n in range(5)]
print(x)
print("no newline at the end, eval")