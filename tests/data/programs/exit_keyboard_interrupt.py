# KeyboardInterrupt that nobody catches ends the program by SIGINT.
print("out")
def f():
    raise KeyboardInterrupt
f()
