"""Runs of one stack after and beside each other, for tests of what passes from one to another.

    doc = run(stack, program, limits={...})     # indented as it stands in the test
    docs = at_once(stack, program, 4)
    end_of(doc) == SUCCESS
"""

import concurrent.futures
import textwrap

TIERS = {"plain": "", "numpy": "import numpy", "pandas": "import numpy, pandas", "pyplot": "import numpy, pandas, matplotlib.pyplot"}
QUICK = {"cpu_percent": 100, "wall_time_ms": 110000}


def run(stack, program, **fields):
    limits = {**QUICK, **fields.pop("limits", {})}
    return stack.run(textwrap.dedent(program), limits=limits, **fields)


def at_once(stack, program, n, **fields):
    with concurrent.futures.ThreadPoolExecutor(n) as pool:
        return list(pool.map(lambda _: run(stack, program, **fields), range(n)))


def end_of(doc):
    return doc["termination"]["reason"], doc["exit_code"], doc["signal"]


SUCCESS = ("exited", 0, None)
