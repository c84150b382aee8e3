class Engine:
    """A toy with methods named like builtins."""

    def __init__(self):
        self.log = []

    def eval(self, text):
        self.log.append(("eval", text))
        return self

    def exec(self, text):
        self.log.append(("exec", text))
        return self

    def compile(self, text):
        return f"<{text}>"

    def open(self, name):
        return self.compile(name)

    def system(self):
        return "engine"

    def globals(self):
        return {"log": self.log}


engine = Engine()
engine.eval("1 + 1").exec("x = 1")
print(engine.compile("a"), engine.open("b"), engine.system(), engine.globals())
method = engine.eval
method("again")
print(getattr(engine, "exec")("y"), getattr(engine, "ev" + "al")("z") is engine)
