#!/usr/bin/python3
"""dropped_flags.py TREE...: do the configured trees lack no other flags than these? A flag that vanishes in
silence is a hole: for instance hardening that a broken linker plug-in takes away."""

import os
import re
import sys

EXPECTED = {
    "gcc": set(),
    "clang": {"-Wno-format-truncation", "-Wlogical-op", "-Wduplicated-cond", "-Wduplicated-branches"},
}


def main(trees):
    bad = 0
    for tree in trees:
        with open(os.path.join(tree, "config.status")) as f:
            text = f.read()
        dropped = set(re.search(r'S\["SG_DROPPED"\]="(.*)"', text).group(1).split())
        compiler = re.search(r'S\["CC"\]="(\w+)', text).group(1)
        wrong = dropped ^ EXPECTED[compiler]
        print(tree, compiler, "dropped:", sorted(dropped), "unexpected:", sorted(wrong))
        bad |= bool(wrong)
    return int(bad)


sys.exit(main(sys.argv[1:]))
