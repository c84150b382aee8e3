import pandas as pd

df = pd.DataFrame({"a": [1, 2, 3, 4], "b": [10, 20, 30, 40], "x": [0, 3, 5, 7]})

df["c"] = df.eval("a + b")
df.eval("d = a * b - c", inplace=True)
big = df.query("x > 3 and c < 40")
limit = 4
same = df.query("x > @limit")
total = pd.eval("1 + 2 * 3")
print(big, same, total, sep="\n")
