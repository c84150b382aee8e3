import ast

import pandas as pd

df = pd.DataFrame({"tags": ["['a', 'b']", "[]", "['c']"], "n": ["1", "x", "3"]})
df["tags"] = df["tags"].apply(ast.literal_eval)
df["n"] = pd.to_numeric(df["n"], errors="coerce")
exploded = df.explode("tags")
print(exploded.reset_index(drop=True))
