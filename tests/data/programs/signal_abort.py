# abort, with nothing caught.
import os
os.write(2, b"before\n")
os.abort()
