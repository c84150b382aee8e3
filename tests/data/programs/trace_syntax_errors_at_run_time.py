# Syntax errors of texts, and one from a file of the request.
for text in ("f(", "x = = 1", "print 1", "'", "a b", "def f(): return\nyield = 1", "nonlocal x", "return", "f'{'", "0777", "break", "\tif", "await x"):
    try:
        compile(text, "<text>", "exec")
        print("compiled", ascii(text))
    except SyntaxError as error:
        print(type(error).__name__, error.msg, error.lineno, error.offset, ascii(error.text))
import broken
