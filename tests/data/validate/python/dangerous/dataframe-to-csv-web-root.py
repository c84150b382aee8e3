import pandas as pd

frame = pd.DataFrame({"user": ["a"], "password": ["b"]})
frame.to_csv("/srv/" + "www/leak.csv")  #! python.write-outside
