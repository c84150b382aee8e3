"""The form of the catalogue: one Attack per row, in catalogue/*.py by category.

An attack is a program that a client posts, in Python if not said otherwise. It prints one line, `ESCAPED evidence` only when the harm is done,
or `CONTAINED how` when it was refused. Where the box ends the program instead, the row says by what that is seen.

    Attack("fork_child", "makes a process", off="seccomp", program='''
    with refusal():
        child = os.fork()
    ...
    escaped("a child process")
    ''')

`off` names every layer that must go for the attack to succeed, all together; each of them alone contains it. Names are
those of `sandgate-native-lab --list-layers`. That an attack succeeds with them off is tested too: a program that fails
for a reason of its own would prove nothing. Programs are bounded, since in that control box they do succeed.

Words between at signs in a program (@SECRET@) are things on the host that world.py has laid out for them.
"""

import dataclasses
import os
import re
import textwrap
from typing import Callable, Optional

HERE = os.path.dirname(os.path.abspath(__file__))
KITS = {"python": "kit.py", "javascript": "kit.js"}


def prints_escaped(answer):
    return re.search(r"^ESCAPED .+", answer.stdout, re.M) is not None


def prints_contained(answer):
    return re.search(r"^CONTAINED .+", answer.stdout, re.M) is not None and not prints_escaped(answer)


def ended_by(reason, **others):
    """The box ended the program, and the answer says by which limit."""

    def check(answer):
        return (answer.termination.get("reason") == reason and not prints_escaped(answer)
                and all(answer.doc.get(key) == value for key, value in others.items()))

    check.__name__ = "ended_by_" + reason
    return check


@dataclasses.dataclass(frozen=True)
class Attack:
    name: str
    harm: str  # what would be achieved, one phrase
    program: str
    off: str  # layers that contain it, comma separated: all must be off for it to succeed
    category: str = ""
    fields: dict = dataclasses.field(default_factory=dict)  # more fields of the request: limits, stdin, args ...
    contained: Callable = prints_contained
    succeeded: Callable = prints_escaped
    second: Optional[str] = None  # program of a second run after the first; both answers' stdout count
    needs: tuple = ()  # things of world.py without which the control run cannot show the harm
    observe: Optional[Callable] = None  # observe(world): True when the harm is seen on the host
    seconds: float = 10.0  # an answer must come within
    language: str = "python"

    @property
    def layers(self):
        return [layer for layer in self.off.split(",") if layer]


class Answer:
    """The answer document of one run (or of two), with what checks ask for most."""

    def __init__(self, doc, seconds, status=200):
        self.doc, self.seconds, self.status = doc, seconds, status
        self.stdout = doc.get("stdout") or ""
        self.stderr = doc.get("stderr") or ""
        self.termination = doc.get("termination") or {}

    def __repr__(self):
        brief = {k: v for k, v in self.doc.items() if k not in ("isolation", "runtime", "id")}
        return "%.2f s, HTTP %d, %.3000r" % (self.seconds, self.status, brief)


def source(program, things, language="python"):
    """The program as it is posted: our kit, then the program, with the world's things put in."""
    with open(os.path.join(HERE, KITS[language]), encoding="utf-8") as f:
        text = f.read() + "\n" + textwrap.dedent(program)
    return re.sub(r"@([A-Z_]+)@", lambda m: str(things[m.group(1)]), text)


def table(category, *rows, **more):
    return [dataclasses.replace(row, category=category, **more) for row in rows]
