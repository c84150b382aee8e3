from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Final, Literal, NamedTuple, TypedDict, overload

if TYPE_CHECKING:
    from collections.abc import Iterable

Mode = Literal["eval", "exec", "single"]
LIMIT: Final = 3


class Options(TypedDict, total=False):
    os: str
    eval: bool


class Span(NamedTuple):
    start: int
    end: int

    @property
    def length(self) -> int:
        return self.end - self.start


@overload
def pick(values: list[int], mode: Literal["eval"]) -> int: ...
@overload
def pick(values: list[int], mode: Literal["exec"]) -> list[int]: ...
def pick(values, mode: Mode):
    return values[0] if mode == "eval" else values[:LIMIT]


def apply(f: Callable[[int], int], xs: Iterable[int]) -> list[int]:
    return [f(x) for x in xs]


options: Options = {"os": "linux", "eval": True}
print(pick([1, 2, 3, 4], "eval"), pick([1, 2, 3, 4], "exec"), apply(abs, (-1, 2)), Span(2, 9).length, options)
