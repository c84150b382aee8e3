import pathlib as pl  #! python.import.pathlib

text = pl.Path("/etc/passwd").read_text()  #! python.pathlib.read python.read-outside
for line in text.splitlines():
    print(line.split(":")[0])
