import dbm.dumb as store  #! python.import.shelve

rows = store.open("users", "n")
rows["root"] = "x"
