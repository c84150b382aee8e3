class Spec:
    name = "evil"
    origin = "./evil.bin"


from _imp import create_dynamic  #! python.import.internal

create_dynamic(Spec())
