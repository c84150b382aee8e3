try:
    1 / 0
except ZeroDivisionError as error:
    scope = error.__traceback__.tb_frame.f_globals  #! python.globals-member python.frame
    print(list(scope))
