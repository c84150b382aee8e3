"""The programs of tests/data/validate, and what is to be found in each: (line, rule) by markers at the ends of lines.

    import os as o  #! python.import.os        JavaScript: //! …, and behind <!-- and -->
    #! @3 python.exec                           of line 3, which cannot have a marker itself

A line ends at a line feed or at a carriage return; not where Python's splitlines() thinks, too."""

import glob
import os
import re

from stack import SOURCE

TOP = os.path.join(SOURCE, "tests", "data", "validate")
MARKER = re.compile(r"(?:#|//|<!--|-->)!((?: +(?:@\d+|[a-z]+\.[a-z0-9._-]+))+)\s*\r?$")
ANYWHERE = re.compile(r"(?:#|//)! (.*?)\r?$")


class Program:
    def __init__(self, path):
        self.name = os.path.relpath(path, TOP)
        self.language, self.kind, self.file = self.name.split(os.sep)
        with open(path, "rb") as f:
            self.bytes = f.read()
        self.text = self.bytes.decode()

    @property
    def expected(self):
        found = set()
        for number, line in enumerate(re.sub("\r(?!\n)", "\n", self.text).split("\n"), 1):
            match = MARKER.search(line) or ANYWHERE.search(line)
            words = match.group(1).split() if match else []
            if words and words[0].startswith("@"):
                number = int(words.pop(0)[1:])
            found |= {(number, word) for word in words if "." in word}
        return found


def programs():
    return [Program(path) for path in sorted(glob.glob(os.path.join(TOP, "*", "*", "*")))]
