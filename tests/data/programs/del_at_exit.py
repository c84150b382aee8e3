# Objects of the module are destroyed at the end, and can still print.
class Noisy:
    def __init__(self, name):
        self.name = name
    def __del__(self):
        print("del", self.name, __name__, print is not None)
a = Noisy("a")
b = Noisy("b")
_c = Noisy("_c")
cycle = Noisy("cycle"); cycle.me = cycle
print("end of main")
