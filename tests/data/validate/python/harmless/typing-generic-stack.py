from typing import Generic, Iterator, Optional, Protocol, TypeVar

T = TypeVar("T")


class Sized(Protocol):
    def __len__(self) -> int: ...


class Stack(Generic[T]):
    def __init__(self) -> None:
        self._items: list[T] = []

    def push(self, item: T) -> None:
        self._items.append(item)

    def pop(self) -> Optional[T]:
        return self._items.pop() if self._items else None

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[T]:
        return reversed(self._items)


def describe(thing: Sized) -> str:
    return f"{type(thing).__name__} of {len(thing)}"


stack: Stack[int] = Stack()
for n in range(5):
    stack.push(n)
print(describe(stack), list(stack), stack.pop())
