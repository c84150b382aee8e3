# Writes files, reads them back.
import os, json, pickle, sqlite3, zipfile, shutil
os.makedirs("a/b")
with open("a/b/c.txt", "w") as f:
    print(f.write("text \u00e4\n"), f.encoding)
json.dump({"x": [1, None]}, open("a/x.json", "w"))
print(open("a/b/c.txt").read(), json.load(open("a/x.json")), os.path.getsize("a/b/c.txt"))
with zipfile.ZipFile("z.zip", "w") as z:
    z.write("a/b/c.txt")
print(zipfile.ZipFile("z.zip").namelist())
db = sqlite3.connect("d.sqlite")
db.execute("create table t (n)")
db.executemany("insert into t values (?)", [(n,) for n in range(10)])
db.commit()
print(db.execute("select sum(n), count(*) from t").fetchall())
shutil.rmtree("a")
print(sorted(os.listdir(".")))
