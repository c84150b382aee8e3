from enum import Enum, Flag, IntEnum, auto


class State(Enum):
    IDLE = auto()
    RUNNING = auto()
    STOPPED = auto()

    def next(self):
        order = list(type(self))
        return order[(order.index(self) + 1) % len(order)]


class Permission(Flag):
    READ = auto()
    WRITE = auto()
    EXEC = auto()


class Level(IntEnum):
    LOW = 1
    HIGH = 2


print(State.IDLE.next(), State.STOPPED.next().name)
print(Permission.READ | Permission.EXEC, Permission.EXEC in (Permission.READ | Permission.EXEC))
print(Level.HIGH > Level.LOW, list(State.__members__))
