# Metaclasses, descriptors, slots, abstract classes, weak references.
import abc, weakref, types
class Meta(type):
    def __new__(m, name, bases, space):
        space["made"] = sorted(k for k in space if not k.startswith("__"))
        return super().__new__(m, name, bases, space)
class A(metaclass=Meta):
    x = 1
    def f(self): pass
print(A.made, A.__module__, A.__mro__, type(A), A().f.__qualname__)
class B(abc.ABC):
    @abc.abstractmethod
    def g(self): ...
class S: __slots__ = ("a", "__weakref__")
s = S(); w = weakref.ref(s)
print(w() is s, types.new_class("N").__module__, hasattr(s, "__dict__"), [c.__name__ for c in A.__subclasses__()])
B()
