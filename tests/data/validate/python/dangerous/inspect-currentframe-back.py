import inspect  #! python.import.inspect

frame = inspect.currentframe()  #! python.sys.frames
print(frame.f_back)  #! python.frame
