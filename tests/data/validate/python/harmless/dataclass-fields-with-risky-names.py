from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Machine:
    os: str = "linux"
    system: str = "x86_64"
    eval: float = 0.0
    exec: int = 0
    socket: str = "LGA1700"
    globals: tuple = ()


m = Machine(os="windows", eval=0.9, exec=3)
print(m.os, m.system, m.eval, m.exec, m.socket, m.globals)
print([f.name for f in fields(m)])
