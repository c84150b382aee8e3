"""Package front: re-exports nothing, but its names look bad."""

from __future__ import annotations

__all__ = ["eval", "exec", "compile", "system", "Popen"]
__version__ = "1.2.3"
__author__ = "A. Nonymous"


class Popen:
    """No process at all."""

    def __init__(self, *args: str) -> None:
        self.args = args


def system(command: str) -> int:
    return len(command)


if __name__ == "__main__":
    print(system("ls"), Popen("a", "b").args, __version__, __doc__.split(":")[0])
