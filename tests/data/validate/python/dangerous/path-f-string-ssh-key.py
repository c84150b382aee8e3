import pathlib  #! python.import.pathlib

key = pathlib.Path(f"/{'root'}/.ssh/id_rsa").read_bytes()  #! python.read-sensitive python.pathlib.read
print(len(key))
