# input() until the end.
print(input(), input("a prompt: "))
try:
    input()
except EOFError as error:
    print(repr(error))
input("again")
