import inspect as i  #! python.import.inspect

print(getattr(i, input("member: "))(print))  #! python.dynamic-attribute
