import pickle  #! python.import.pickle

data = {"name": "x", "values": [1, 2, 3]}
blob = pickle.dumps(data, protocol=pickle.HIGHEST_PROTOCOL)
print(len(blob), blob[:2])
with open("data.pkl", "wb") as f:
    pickle.dump(data, f)


class Session:
    def __init__(self):
        self.values, self.lock = {}, object()

    def __getstate__(self):
        return {"values": self.values}

    def __setstate__(self, state):
        self.values, self.lock = state["values"], object()
