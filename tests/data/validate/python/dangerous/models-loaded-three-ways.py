import pandas as pd
import torch
from joblib import load as fetch  #! python.import.pickle python.unpickle

table = pd.read_pickle("table.pkl")  #! python.unpickle
net = torch.load("net.pt")  #! python.unpickle
tree = fetch("tree.bin")  #! python.unpickle
