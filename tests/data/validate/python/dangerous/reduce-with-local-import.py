class Gift:
    def __reduce__(self):  #! python.reduce
        import os  #! python.import.os
        return (os.getcwd, ())


box = Gift()
