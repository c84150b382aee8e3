class Positive:
    def __set_name__(self, owner, name):
        self.name = "_" + name

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        return getattr(instance, self.name)

    def __set__(self, instance, value):
        if value <= 0:
            raise ValueError(f"{self.name[1:]} must be positive")
        setattr(instance, self.name, value)


class Box:
    width = Positive()
    height = Positive()

    def __init__(self, width, height):
        self.width = width
        self.height = height

    def __format__(self, spec):
        return f"{self.width:{spec}}x{self.height:{spec}}"


print(f"{Box(2, 3.5):.1f}")
try:
    Box(-1, 2)
except ValueError as error:
    print(error)
