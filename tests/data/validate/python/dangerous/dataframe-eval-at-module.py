def compute(frame):
    return frame.eval("b = @os.getcwd()")  #! python.pandas-query
