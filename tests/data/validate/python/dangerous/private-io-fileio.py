import _io as fast  #! python.import.internal

print(fast.FileIO("notes.txt").readall())
