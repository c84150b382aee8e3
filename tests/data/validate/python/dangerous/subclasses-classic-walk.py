for cls in ().__class__.__base__.__subclasses__():  #! python.subclasses python.mro
    if cls.__name__ == "Popen":
        cls("id", shell=True)
