import ast
import operator

BINARY = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
UNARY = {ast.UAdd: operator.pos, ast.USub: operator.neg}


class Calculator(ast.NodeVisitor):
    def __init__(self, variables=None):
        self.variables = dict(variables or {})

    def calculate(self, text):
        return self.visit(ast.parse(text, mode="eval"))

    def visit(self, node):
        method = getattr(self, "visit_" + node.__class__.__name__, None)
        if method is None:
            raise ValueError(f"not allowed: {type(node).__name__}")
        return method(node)

    def visit_Expression(self, node):
        return self.visit(node.body)

    def visit_Constant(self, node):
        if not isinstance(node.value, (int, float)):
            raise ValueError("numbers only")
        return node.value

    def visit_Name(self, node):
        try:
            return self.variables[node.id]
        except KeyError:
            raise ValueError(f"unknown name {node.id}") from None

    def visit_BinOp(self, node):
        return BINARY[type(node.op)](self.visit(node.left), self.visit(node.right))

    def visit_UnaryOp(self, node):
        return UNARY[type(node.op)](self.visit(node.operand))


calc = Calculator({"x": 3})
for line in ("1 + 2 * 3", "-(x ** 2) // 2", "eval('1')", "__import__('os')", "y + 1"):
    try:
        print(line, "=", calc.calculate(line))
    except ValueError as e:
        print(line, "->", e)
