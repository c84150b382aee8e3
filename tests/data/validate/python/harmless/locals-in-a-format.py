def greet(first, last):
    title = "Dr."
    return "Dear {title} {first} {last}".format(**locals())  #! python.locals


print(greet("Ada", "Lovelace"))
