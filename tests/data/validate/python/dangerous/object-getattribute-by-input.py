class Quiet:
    def __getattribute__(self, name):
        return super().__getattribute__(name)  #! python.getattribute


print(Quiet().anything)
