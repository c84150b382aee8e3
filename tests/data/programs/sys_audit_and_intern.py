# Small things of the interpreter.
import sys
found = []
sys.addaudithook(lambda event, args: found.append(event) if event in ("open", "exec", "compile", "import") else None)
open("/dev/null").close()
compile("1", "x", "eval")
exec("pass")
import colorsys
found = [f for f in found]
print(found)
print(sys.intern("abc") is "a" "bc", sys.getsizeof(0), sys.getsizeof(""), sys.getsizeof([]), sys.getsizeof({}))
a, b = 256, 256
print(a is b, type(sys.stdin), type(sys.stdout), sys.copyright[:9])
