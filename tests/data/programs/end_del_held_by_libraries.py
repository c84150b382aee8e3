# the end of objects that only something outside of the program's module still refers to
import os


class Last:
    def __init__(self, name):
        self.name = name

    def __call__(self, *_):
        pass

    def __del__(self, write=os.write):
        write(1, self.name.encode() + b" is deleted\n")


os.keep = Last("of os")
print("last line", flush=True)
