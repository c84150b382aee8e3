"""A recursive descent parser for arithmetic: no eval() anywhere."""

import re
from dataclasses import dataclass
from typing import Union

TOKEN = re.compile(r"\s*(?:(?P<number>\d+(?:\.\d*)?)|(?P<name>[a-z]\w*)|(?P<op>\*\*|[-+*/()=]))")


@dataclass
class Number:
    value: float

    def eval(self, env):
        return self.value


@dataclass
class Name:
    name: str

    def eval(self, env):
        if self.name not in env:
            raise NameError(f"unknown variable: {self.name}")
        return env[self.name]


@dataclass
class Binary:
    op: str
    left: "Expr"
    right: "Expr"

    def eval(self, env):
        a, b = self.left.eval(env), self.right.eval(env)
        if self.op == "+":
            return a + b
        if self.op == "-":
            return a - b
        if self.op == "*":
            return a * b
        if self.op == "/":
            return a / b
        return a**b


@dataclass
class Assign:
    name: str
    value: "Expr"

    def eval(self, env):
        env[self.name] = self.value.eval(env)
        return env[self.name]


Expr = Union[Number, Name, Binary, Assign]


def tokenize(text):
    position, text = 0, text.rstrip()
    while position < len(text):
        match = TOKEN.match(text, position)
        if not match:
            raise SyntaxError(f"bad character {text[position]!r} at {position}")
        position = match.end()
        yield match.lastgroup, match.group(match.lastgroup)
    yield "end", ""


class Parser:
    def __init__(self, text):
        self.tokens = list(tokenize(text))
        self.index = 0

    @property
    def current(self):
        return self.tokens[self.index]

    def accept(self, *values):
        if self.current[1] in values and self.current[0] == "op":
            self.index += 1
            return self.tokens[self.index - 1][1]
        return None

    def statement(self):
        if self.current[0] == "name" and self.tokens[self.index + 1] == ("op", "="):
            name = self.current[1]
            self.index += 2
            return Assign(name, self.statement())
        return self.sum()

    def sum(self):
        node = self.product()
        while op := self.accept("+", "-"):
            node = Binary(op, node, self.product())
        return node

    def product(self):
        node = self.power()
        while op := self.accept("*", "/"):
            node = Binary(op, node, self.power())
        return node

    def power(self):
        node = self.atom()
        if self.accept("**"):
            return Binary("**", node, self.power())
        return node

    def atom(self):
        kind, value = self.current
        if self.accept("("):
            node = self.sum()
            if not self.accept(")"):
                raise SyntaxError("missing )")
            return node
        if self.accept("-"):
            return Binary("-", Number(0), self.power())
        self.index += 1
        if kind == "number":
            return Number(float(value))
        if kind == "name":
            return Name(value)
        raise SyntaxError(f"unexpected {value or kind!r}")


env = {}
for line in ("x = 2 + 3 * 4", "y = (x - 4) / 2", "-x ** 2 + y", "2 ** 3 ** 2", "z + 1", "3 $ 4"):
    try:
        print(f"{line:<20} {Parser(line).statement().eval(env):g}")
    except (NameError, SyntaxError) as error:
        print(f"{line:<20} {error}")
