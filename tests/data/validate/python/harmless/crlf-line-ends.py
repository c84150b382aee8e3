# Windows line ends
import json

class Greeter:
    """Says hello;
    never calls eval()."""

    def __init__(self, name):
        self.name = name

    def __str__(self):
        return f"Hello {self.name}"

TEXT = """first line
second line: os.system
"""
print(Greeter("you"), json.dumps(TEXT.splitlines()))
