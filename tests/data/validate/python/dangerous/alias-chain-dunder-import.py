a = __import__  #! python.dunder-import
b = a  #! python.dunder-import
c = d = b  #! python.dunder-import
m = c("m" + "ath")  #! python.dunder-import
print(m.pi)
