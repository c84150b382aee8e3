class Position:
    """A chess position with an evaluation."""

    def __init__(self):
        self._eval = 0.0
        self._open = []

    @property
    def eval(self):
        return self._eval

    @eval.setter
    def eval(self, value):
        self._eval = round(value, 2)

    @property
    def open(self):
        return self._open

    @open.setter
    def open(self, files):
        self._open = sorted(files)


p = Position()
p.eval = 0.33333
p.eval += 1
p.open = "hac"
print(p.eval, p.open)
