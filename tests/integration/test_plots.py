"""Figures become files without the program doing anything: shown, left open, drawn by Pandas; warm, cold, in containers."""

import base64
import struct

import pytest

PLT = "import matplotlib.pyplot as plt\n"
USE_AGG = "import matplotlib\nmatplotlib.use('Agg')\n" + PLT


def run(stack, code, **fields):
    fields.setdefault("timeout", 120)
    return stack.run(code, validate=False, **fields)


def plots(doc):
    """{path: (width, height)} of the pictures, after looking into each."""
    sizes = {}
    for file in doc["files"]:
        if file["path"].endswith(".png"):
            data = base64.b64decode(file["content"])
            assert data[:8] == b"\x89PNG\r\n\x1a\n" and data[-8:-4] == b"IEND" and file["media_type"] == "image/png", file["path"]
            sizes[file["path"]] = struct.unpack(">II", data[16:24])
    return sizes


ONE = {"plot-1.png": (640, 480)}
TWO = {"plot-1.png": (640, 480), "plot-2.png": (640, 480)}

# name: program, pictures that come back
DRAWN = {
    "shown": (PLT + "plt.plot([1, 2, 3])\nplt.show()", ONE),
    "left open": (PLT + "plt.plot([1, 2, 3])", ONE),
    "shown, then the next": (PLT + "plt.plot([1])\nplt.show()\nplt.plot([2])\nplt.show()", TWO),
    "shown, then left open": (PLT + "plt.plot([1])\nplt.show()\nplt.plot([2])", TWO),
    "two at once": (PLT + "plt.plot([1])\nplt.figure()\nplt.plot([2])\nplt.show()", TWO),
    "subplots": (PLT + "f, a = plt.subplots(2, 2)\na[0][0].plot([1])\nplt.show()", ONE),
    "none": (PLT + "print(1)", {}),
    "closed": (PLT + "plt.plot([1])\nplt.close()\nplt.show()", {}),
    "empty": (PLT + "plt.figure()\nplt.show()\nplt.figure()", {}),
    "saved by the program": (PLT + "plt.plot([1])\nplt.savefig('mine.png')", {"mine.png": (640, 480)}),
    "saved by the program, then shown": (PLT + "plt.plot([1])\nplt.savefig('mine.png')\nplt.show()", {"mine.png": (640, 480)}),
    "saved by the program, cleared, drawn anew, shown": (PLT + "plt.plot([1])\nplt.savefig('mine.png')\nplt.clf()\nplt.plot([2])\nplt.show()",
                                                         {"mine.png": (640, 480), **ONE}),
    "saved by the program, and cleared": (PLT + "plt.plot([1])\nplt.savefig('mine.png')\nplt.clf()", {"mine.png": (640, 480)}),
    "kept, cleared, drawn anew": (PLT + "plt.plot([1])\nplt.show(block=False)\nplt.gcf().clear()\nplt.plot([2])", ONE),
    "saved elsewhere": (PLT + "import io\nplt.plot([1])\nplt.savefig(io.BytesIO())\nplt.show()", {}),
    "saved as another format": (PLT + "plt.plot([1])\nplt.savefig('mine.pdf')\nplt.savefig('mine.svg')", {}),
    "one saved, one shown": (PLT + "plt.plot([1])\nplt.savefig('/tmp/mine.png')\nplt.figure()\nplt.plot([2])\nplt.show()", ONE),
    "not blocking": (PLT + "plt.plot([1])\nplt.show(block=False)\nplt.plot([2])\nplt.show(block=False)", ONE),
    "interactive": (PLT + "plt.ion()\nplt.plot([1])\nplt.show()\nplt.plot([2])", ONE),
    "paused": (PLT + "plt.plot([1])\nfor i in range(3): plt.pause(0.01)", ONE),
    "its own size": (PLT + "plt.figure(figsize=(3, 2), dpi=50)\nplt.plot([1])", {"plot-1.png": (150, 100)}),
    "name that is taken": (PLT + "open('plot-1.png', 'w').write('x')\nplt.plot([1])\nimport os\nplt.show()\nos.remove('plot-1.png')",
                           {"plot-2.png": (640, 480)}),
    "Agg chosen before": (USE_AGG + "plt.plot([1])\nplt.show()\nplt.plot([2])", TWO),
    "Agg chosen behind": (PLT + "plt.switch_backend('agg')\nplt.plot([1])\nplt.show()", ONE),
    "error after it": (PLT + "plt.plot([1])\n1 / 0", ONE),
    "sys.exit": (PLT + "import sys\nplt.plot([1])\nsys.exit(3)", ONE),
    "in atexit": ("import atexit\n@atexit.register\ndef last():\n    import matplotlib.pyplot as plt\n    plt.plot([1])\n    plt.show()", ONE),
    "elsewhere": (PLT + "import os\nos.chdir('/tmp')\nplt.plot([1])", ONE),
    "pandas": ("import pandas as pd\npd.DataFrame({'a': [1, 2], 'b': [2, 1]}).plot()", ONE),
    "pandas, shown": ("import pandas as pd\n" + PLT + "pd.Series([1, 2]).plot.bar()\nplt.show()", ONE),
    "pandas, several": ("import pandas as pd\nd = pd.DataFrame({'a': [1, 2], 'b': [2, 1]})\nd.plot()\nd.hist()", TWO),
    "pandas after an empty figure": ("import pandas as pd\n" + PLT + "plt.figure()\npd.DataFrame({'a': [1, 2]}).plot()", ONE),
}


@pytest.mark.parametrize("case", DRAWN)
def test_figures_become_files(any_stack, case):
    code, expected = DRAWN[case]
    doc = run(any_stack, code)
    assert plots(doc) == expected, (doc["stderr"], doc["files_omitted"])
    assert "sandgate" not in doc["stderr"] and doc["files_omitted"]["count"] == 0


def test_more_than_come_back(any_stack):
    doc = run(any_stack, PLT + "for i in range(34):\n    plt.figure(figsize=(1, 1))\n    plt.plot([i])\nplt.show()")
    assert list(plots(doc)) == ["plot-%d.png" % i for i in range(1, 33)]
    assert doc["files_omitted"] == {"count": 2, "files": [{"path": "plot-%d.png" % i, "reason": "too_many"} for i in (33, 34)]}


# Pictures that would be larger than what comes back: name, program
HUGE = {
    "pixels": PLT + "plt.figure(figsize=(100, 100), dpi=200)\nplt.plot([1])",
    "one side": PLT + "plt.figure(figsize=(1000, 1), dpi=100)\nplt.plot([1])",
    "noise": "import numpy\n" + PLT + "plt.figure(figsize=(15, 10))\nplt.imshow(numpy.random.rand(1000, 1500, 3))\nplt.axis('off')",
    "by rcParams": PLT + "plt.rcParams['savefig.dpi'] = 2000\nplt.plot([1])",
}


@pytest.mark.parametrize("case", HUGE)
def test_no_picture_is_too_large(any_stack, case):
    doc = run(any_stack, HUGE[case])
    (size,) = plots(doc).values()
    assert size[0] * size[1] <= 12.2e6 and doc["files"][0]["size"] <= 2 << 20 and not doc["stderr"]


def test_a_figure_that_cannot_be_drawn_does_not_stop_the_others(any_stack):
    doc = run(any_stack, PLT + "plt.title('$\\\\broken{$')\nplt.figure()\nplt.plot([1])\nplt.show()\nprint('after')")
    assert plots(doc) == ONE and doc["stdout"] == "after\n" and "Exception" in doc["stderr"] and "broken" in doc["stderr"]


def test_a_full_file_system_is_told(stack):
    doc = run(stack, PLT + "f = open('/tmp/full', 'wb', 0)\ntry:\n    while True: f.write(bytes(1 << 16))\nexcept OSError: pass\n"
              "plt.plot([1])\nplt.show()\nprint('after')")
    assert doc["stdout"] == "after\n" and "No space left on device" in doc["stderr"]


def test_only_what_is_asked_for(any_stack):
    doc = run(any_stack, PLT + "plt.plot([1])\nopen('x', 'w').write('x')", output_files=["plot-*"])
    assert plots(doc) == ONE and len(doc["files"]) == 1
    assert run(any_stack, PLT + "plt.plot([1])", output_files=[])["files"] == []


def test_a_program_without_plots_never_meets_it(any_stack):
    doc = run(any_stack, "import sys\nprint('sandgate_plots' in sys.modules or 'matplotlib' in sys.modules, sys.flags.no_user_site)")
    assert doc["stdout"] == "False 1\n" and doc["files"] == []


def test_warm_is_warm(stack):
    doc = run(stack, PLT + "plt.plot([1])\nplt.show()")
    assert plots(doc) == ONE and doc["timings"]["start"] == "warm"


# Matplotlib says after five seconds that it is making its font cache; here after none.
AT_ONCE = "import logging, threading, types\nthreading.Timer = lambda seconds, say: types.SimpleNamespace(start=say, cancel=int)\n"


def test_that_the_font_cache_takes_long_is_no_output_of_the_program(any_stack):
    """In a box it is made whenever the interpreter starts cold: how long it takes is the machine's load."""
    doc = run(any_stack, AT_ONCE + PLT + "from matplotlib.font_manager import FontManager\nFontManager()\n"
              "logging.getLogger('matplotlib.font_manager').warning('of its own')")
    assert doc["success"] and doc["stderr"] == "of its own\n"
