# Generators and coroutines that are left unfinished.
import sys
def g(name):
    try:
        yield 1
    finally:
        print("closed", name)
a = g("a")
next(a)
async def c():
    pass
left = c()
print("end")
