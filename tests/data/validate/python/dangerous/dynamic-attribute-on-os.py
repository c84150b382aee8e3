import os as operating  #! python.import.os

parts = input("action: ").split()
action = getattr(operating, parts[0])  #! python.dynamic-attribute
action(*parts[1:])
