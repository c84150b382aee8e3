import sqlite3

SCHEMA = """
CREATE TABLE author (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE book (
    id INTEGER PRIMARY KEY,
    author_id INTEGER REFERENCES author(id),
    title TEXT,
    year INTEGER
);
"""

with sqlite3.connect(":memory:") as db:
    db.row_factory = sqlite3.Row
    db.executescript(SCHEMA)
    db.executemany("INSERT INTO author (name) VALUES (?)", [("Lem",), ("Le Guin",)])
    db.execute("INSERT INTO book (author_id, title, year) VALUES (1, 'Solaris', 1961)")
    db.execute("INSERT INTO book (author_id, title, year) VALUES (2, 'The Dispossessed', 1974)")
    query = """
        SELECT a.name, COUNT(*) AS n, MIN(b.year) AS first
        FROM author a JOIN book b ON b.author_id = a.id
        WHERE b.title NOT LIKE '%; EXEC xp_cmdshell%'
        GROUP BY a.id ORDER BY first
    """
    for row in db.execute(query):
        print(row["name"], row["n"], row["first"])
    db.create_function("shout", 1, lambda s: s.upper() + "!")
    print(db.execute("SELECT shout('exec')").fetchone()[0])
