import shelve  #! python.import.shelve

with shelve.open("session") as db:  #! python.unpickle
    print(dict(db))
