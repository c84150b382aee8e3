import codecs as c

print(eval(c.decode("cevag(1)", "rot13")))  #! python.eval python.decoded-code
