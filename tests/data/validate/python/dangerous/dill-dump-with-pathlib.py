import dill as d  #! python.import.pickle
from pathlib import Path  #! python.import.pathlib

target = Path("session.bin")
with open("session.bin", "wb") as out:
    d.dump({"where": str(target), "run": lambda x: x * 2}, out)
