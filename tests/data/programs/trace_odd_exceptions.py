# Exceptions whose texts fail or are odd.
import traceback
class Bad(Exception):
    def __str__(self):
        raise ValueError("no text")
class Other(BaseException):
    pass
Other.__module__ = "elsewhere"
class Inner:
    class Error(Exception): pass
for error in (Bad(), Other("x"), Inner.Error(), Exception(), Exception(""), Exception("a\nb"), Exception(1, 2), UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"), Exception("\udc80"), StopIteration(3), MemoryError()):
    try:
        raise error
    except BaseException:
        print(ascii(traceback.format_exc()))
raise Inner.Error("last")
