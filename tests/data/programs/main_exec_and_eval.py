# exec, eval and compile see the program's names.
x = 5
exec("y = x + 1")
print(y, eval("x * y"), sorted(eval("globals()") .keys() & {"x", "y"}))
try:
    exec(compile("\n\nraise ValueError('in exec')", "<made up>", "exec"))
except ValueError as error:
    print(error.__traceback__.tb_next.tb_lineno, error.__traceback__.tb_next.tb_frame.f_code.co_filename)
exec("1/0")
