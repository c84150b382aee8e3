import pandas as pd

frame = pd.read_csv("https://example.invalid/data.csv")  #! python.url-read
print(frame.head())
