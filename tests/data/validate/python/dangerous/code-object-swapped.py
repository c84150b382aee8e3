def price():
    return 1


price.__code__ = price.__code__.replace(co_consts=(None, 99))  #! python.code-object
print(price())
