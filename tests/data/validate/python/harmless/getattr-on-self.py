class Dispatcher:
    def __init__(self):
        self.verbose = False

    def handle(self, command, *args):
        method = getattr(self, f"do_{command}", None)
        if method is None:
            return f"unknown command {command!r}"
        return method(*args)

    def do_add(self, a, b):
        return a + b

    def do_eval(self, text):
        return text.title()

    def do_set(self, name, value):
        setattr(self, name, value)
        return getattr(self, name)

    def __getattr__(self, name):
        if name.startswith("do_"):
            raise AttributeError(name)
        return None


d = Dispatcher()
print(d.handle("add", 1, 2), d.handle("eval", "os system"), d.handle("exec"), d.handle("set", "verbose", True))
print(d.anything, hasattr(d, "do_exec"))
