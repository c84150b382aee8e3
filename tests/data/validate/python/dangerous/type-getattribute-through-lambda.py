print((lambda read: read(int, input()))(type.__getattribute__))  #! python.getattribute
