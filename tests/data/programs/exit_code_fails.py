# an exception whose code cannot be had
class Odd(SystemExit):
    @property
    def code(self):
        raise ValueError("no code")


raise Odd("the text of it")
