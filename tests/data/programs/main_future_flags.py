# What the compiler of the program has been told: nothing that it has not said itself.
import sys, __future__
code = sys._getframe().f_code
print(hex(code.co_flags), [n for n in __future__.all_feature_names if code.co_flags & getattr(__future__, n).compiler_flag])
print(hex(compile("x = 1", "x", "exec").co_flags), hex((lambda: 0).__code__.co_flags))
try:
    print(eval("1 <> 2"))
except SyntaxError as error:
    print(error)
