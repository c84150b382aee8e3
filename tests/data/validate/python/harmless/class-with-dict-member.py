class Config:
    def __init__(self, **kwargs):
        self.__dict__.update(kwargs)  #! python.dunder-dict

    def __repr__(self):
        parts = ", ".join(f"{k}={v!r}" for k, v in sorted(self.__dict__.items()))  #! python.dunder-dict
        return f"Config({parts})"

    def get(self, name, default=None):
        return getattr(self, name, default)


c = Config(debug=True, system="prod", eval=False)
print(c, c.get("eval"), c.get("missing", 3))
