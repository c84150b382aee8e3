# displayhook, print's own options, pprint.
import sys, pprint
sys.displayhook([1, 2])
sys.displayhook(None)
import builtins
print(builtins._)
print(1, 2, sep="-", end="!\n")
pprint.pprint({str(n): list(range(n)) for n in range(15)})
print(print("x"), file=sys.stderr)
