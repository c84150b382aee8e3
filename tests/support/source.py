"""The source tree: where it is, and the text of a file in it."""

import os

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def read(*path):
    with open(os.path.join(SOURCE, *path)) as f:
        return f.read()
