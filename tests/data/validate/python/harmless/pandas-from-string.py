import io

import pandas as pd

TEXT = """name;score;comment
Ada;9.5;likes eval()
Bob;7.0;asked about os.system
Cleo;8.25;import subprocess
"""

df = pd.read_csv(io.StringIO(TEXT), sep=";")
print(df.loc[df["comment"].str.contains("os.system", regex=False), "name"].tolist())
df.to_csv("/tmp/scores.csv", index=False)
