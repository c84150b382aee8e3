print("b", __name__)
n = 1
