# Exceptions that cannot be raised.
class C:
    def __del__(self):
        raise ValueError("in __del__")
    def __repr__(self):
        return "<C>"
c = C()
del c
print("goes on")
class Bad:
    def __del__(self):
        1 / 0
bad = Bad()
