from cProfile import run as measure

text = input("statement: ")
measure(text)  #! python.run-string
