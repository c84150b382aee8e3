class Money:
    __slots__ = ("amount", "currency")

    def __new__(cls, amount, currency="EUR"):
        self = object.__new__(cls)
        object.__setattr__(self, "amount", amount)
        object.__setattr__(self, "currency", currency)
        return self

    def __setattr__(self, name, value):
        raise AttributeError(f"{type(self).__name__} is immutable")

    def __repr__(self):
        return f"{type(self).__qualname__}({self.amount}, {self.currency!r})"


m = Money(5)
try:
    m.amount = 6
except AttributeError as error:
    print(m, error)
