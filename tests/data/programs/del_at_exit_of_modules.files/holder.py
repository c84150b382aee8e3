class Held:
    def __del__(self):
        print("del in holder", __name__)
def keep():
    global held, also
    held = Held()
    also = [held]
