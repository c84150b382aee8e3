# what a program hands to NumPy and Pandas keeps no file from being written
# request: {"output_files": ["*.txt"]}
import numpy as np
import pandas as pd

out = open("out.txt", "w")
out.write("x")
pd.set_option("display.float_format", lambda x: "%.1f" % x)
np.set_printoptions(formatter={"float": lambda x: "%.2f" % x})
log = open("log.txt", "w")
np.seterrcall(log)
log.write("y")
print(np.array([1.5]), pd.Series([2.25]).to_string())
