import ast

DANGEROUS = {"eval", "exec", "compile", "__import__", "globals", "open"}
MODULES = {"os", "sys", "subprocess", "socket", "ctypes"}


class Finder(ast.NodeVisitor):
    def __init__(self):
        self.found = []

    def visit_Import(self, node):
        for alias in node.names:
            if alias.name.split(".")[0] in MODULES:
                self.found.append((node.lineno, "import " + alias.name))

    def visit_Call(self, node):
        if isinstance(node.func, ast.Name) and node.func.id in DANGEROUS:
            self.found.append((node.lineno, node.func.id))
        elif isinstance(node.func, ast.Attribute) and node.func.attr == "system":
            self.found.append((node.lineno, "os.system"))
        self.generic_visit(node)


finder = Finder()
finder.visit(ast.parse("import os\nos.system('ls')\neval('1')\nprint(exec)\n"))
for line, what in finder.found:
    print(f"{line}: {what}")
