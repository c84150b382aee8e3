from ..first import value


def up():
    return value
