import importlib  #! python.import.importlib

r = importlib.import_module("rXuXnXpXy".replace("X", ""))  #! python.import.runpy
r.run_path("notes.txt")
