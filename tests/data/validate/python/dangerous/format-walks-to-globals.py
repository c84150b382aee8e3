class User:
    def __init__(self, name):
        self.name = name


print("{0.__init__.__globals__}".format(User("x")))  #! python.format-dunder
