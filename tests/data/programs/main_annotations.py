# Annotations of variables at the top.
x: int = 1
y: "list[str]"
print(__annotations__)
def f(a: int, *b: "str") -> None: ...
import typing
print(f.__annotations__, typing.get_type_hints(f))
class C:
    z: int = 0
print(C.__annotations__, C.__module__, C.__qualname__, C)
