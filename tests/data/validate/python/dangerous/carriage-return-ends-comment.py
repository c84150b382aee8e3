# everything below is only an explanation exec("print('live')")  #! python.exec
