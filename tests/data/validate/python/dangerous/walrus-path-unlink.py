import pathlib  #! python.import.pathlib

(target := pathlib.Path("results.csv")).unlink(missing_ok=True)  #! python.pathlib.delete
print(target, "is gone")
