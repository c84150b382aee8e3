import gc  #! python.import.gc

for thing in gc.get_objects():
    if isinstance(thing, dict) and "eval" in thing:
        thing["eval"]("1 + 1")
        break
