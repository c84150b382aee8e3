import pickle as p  #! python.import.pickle

match input("mode: "):
    case "load":
        with open("cache.bin", "rb") as f:
            print(p.loads(f.read()))  #! python.unpickle
    case _:
        print("bye")
