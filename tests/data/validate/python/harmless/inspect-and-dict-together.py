from inspect import isclass, signature  #! python.import.inspect


class Plugin:
    def __init__(self, name, retries=3):
        self.name = name
        self.retries = retries

    def __repr__(self):
        fields = {k: self.__dict__[k] for k in signature(type(self)).parameters}  #! python.dunder-dict
        return f"{type(self).__name__}({fields})"


print(Plugin("eval"), isclass(Plugin))
