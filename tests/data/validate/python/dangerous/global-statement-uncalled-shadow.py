def setup():
    global globals
    globals = dict


print(globals())  #! python.globals
