# Removes its own file: there is no line to show.
import os
os.unlink(__file__)
def f():
    return {}["gone"]
f()
