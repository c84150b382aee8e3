# A subclass of it is no interrupt for the exit code.
class Mine(KeyboardInterrupt):
    pass
raise Mine("text")
