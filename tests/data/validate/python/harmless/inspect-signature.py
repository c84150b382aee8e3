import inspect  #! python.import.inspect


def area(width: float, height: float = 1.0, *, unit: str = "cm") -> str:
    """Return the area as text."""
    return f"{width * height}{unit}²"


signature = inspect.signature(area)
for name, parameter in signature.parameters.items():
    print(name, parameter.kind.name, parameter.default)
print(inspect.getdoc(area), inspect.isfunction(area), area.__name__, area.__annotations__)
