# An object that cannot be printed.
class Told:
    def __str__(self):
        raise ValueError("cannot")
raise SystemExit(Told())
