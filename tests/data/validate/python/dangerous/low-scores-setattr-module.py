import math

setattr(math, input("name: "), len)  #! python.dynamic-attribute
import getpass  #! python.import.platform

print(getpass.getuser(), open("/etc/" + "group").read())  #! python.read-outside
