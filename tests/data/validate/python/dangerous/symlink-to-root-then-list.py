from pathlib import Path as P  #! python.import.pathlib

P("link").symlink_to("/")  #! python.pathlib.delete
print(list(P("link").iterdir()))  #! python.pathlib.read
