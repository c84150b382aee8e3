import math

total = 1 + \
    2 + \
    3
if total > 5 and \
        math.sqrt(total) < 3:
    print("long", \
          total)
text = "a string that goes on \
on the next line: exec"
print(text); print(total); x = lambda: (
    total
)
print(x())
