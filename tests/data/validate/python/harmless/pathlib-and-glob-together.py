import glob  #! python.import.glob
from pathlib import PurePath  #! python.import.pathlib

for name in sorted(glob.glob("*.csv")):
    print(PurePath(name).stem)
