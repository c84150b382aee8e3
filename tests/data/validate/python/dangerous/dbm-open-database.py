import dbm  #! python.import.shelve

with dbm.open("cache", "c") as db:
    for key in db.keys():
        db[key] = b""
