# Data classes, enums, named tuples, typing.
import dataclasses, enum, collections, typing, abc, functools
@dataclasses.dataclass
class P:
    x: int
    y: "typing.Optional[P]" = None
class Color(enum.Enum):
    RED = 1
N = collections.namedtuple("N", "a b")
print(P(1, P(2)), Color.RED, repr(Color(1)), N(1, 2), N.__module__, typing.get_type_hints(P), P.__module__)
class T(typing.NamedTuple):
    a: int = 1
print(T(), typing.TypedDict("D", {"a": int}).__module__, typing.TypeVar("V").__module__, typing.NewType("U", int).__module__)
@functools.singledispatch
def g(x): return "any"
@g.register
def _(x: int): return "int"
print(g(1), g(""), functools.lru_cache(lambda: 0).__module__)
dataclasses.replace(P(1), z=1)
