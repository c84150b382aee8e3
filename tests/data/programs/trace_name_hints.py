# Hints for misspelt names.
import math
somewhat = 1
for text in ("somewhta", "math.sqr", "prnt(1)", "math.pj", "self.x"):
    try:
        eval(text)
    except (NameError, AttributeError):
        import traceback
        print(traceback.format_exc().splitlines()[-1])
print(somewaht)
