"""Templates that are replaced for their age, and those whose modules cannot be imported or change on disk."""

import collections
import os
import pathlib
import re
import shutil
import subprocess
import time

import pytest
from stack import Stack, wait_until
from templates import NEEDED, alive, ask, degraded, pool, program, template_pids, templates
from test_image import make_image

# They share an image and a stack: one pytest process has them.
IMAGE = pytest.mark.xdist_group("templates-image")
CGROUPS = pytest.mark.needs_cgroups

pytestmark = NEEDED


# ---- templates that are replaced --------------------------------------------------------------------------------


@pytest.mark.parametrize("setting, seconds", [("template_clones = 6", 30), ('template_lifetime_s = "2s"', 30)], ids=["clones", "lifetime"])
def test_a_template_is_replaced(make_stack, setting, seconds):
    stack = make_stack(slots=2, queue=16, workers=8, native=setting)
    first = set(template_pids(stack))
    generations = set(first)
    end, starts, n = time.monotonic() + seconds, collections.Counter(), 0
    while time.monotonic() < end and len(generations) < 8:
        starts[ask(stack, program(0, n))] += 1
        starts[ask(stack, program(1, n))] += 1
        n += 1
        generations |= set(template_pids(stack))
        time.sleep(0.03)
    assert len(generations) >= 6, (first, generations)
    assert set(starts) <= {"warm", "cold"} and starts["warm"] > 10 * starts["cold"], starts
    assert degraded(stack) is None
    assert "failed" not in {t["state"] for t in templates(stack).values()}
    # The old ones are gone: at most a successor more of each.
    wait_until(lambda: len(alive(generations)) <= 8 and len([p for p in first if p in alive(first)]) <= 2, 10, what="the old ones to be gone")


# ---- what is on disk --------------------------------------------------------------------------------------------

MODULES = {
    "tiny": "VALUE = 'first'\n",
    "a_thread": "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\n",
    "a_file": "kept = open('/etc/passwd')\n",
    "shared": "import mmap\nkept = mmap.mmap(-1, 4096)\n",
    "chatty": "print('said by an import')\n",
    "hooked": "import os\nforked = []\nos.register_at_fork(after_in_child=lambda: forked.append(1))\n",
    "gaussian": "import random\nrandom.gauss(0, 1)\n",
    "leaving": "import sys\nsys.exit(3)\n",
    "dying": "import os\nos.kill(os.getpid(), 11)\n",
}
BAD = {
    "a_thread": "more than one thread", "a_file": "holds files open", "shared": "memory that its clones would share",
    "leaving": "ended", "dying": "its interpreter ended", "no_such_module": "ModuleNotFoundError: No module named 'no_such_module'",
}


def import_these(texts):
    """For Stack(before=...): Python's templates are these."""
    def change(stack):
        path = stack.path("conf", "sandgate", "runtimes.d", "python.conf")
        with open(path) as f:
            text = f.read()
        text, count = re.subn(r"(?m)^templates = .*$", "templates = { %s }" % ", ".join('"%s"' % t for t in texts), text)
        assert count == 1
        with open(path, "w") as f:
            f.write(text)
    return change


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """An image directory with modules of our own."""
    image = str(tmp_path_factory.mktemp("image"))
    for path in (image, *map(str, pathlib.Path(image).parents)):
        if not os.stat(path).st_mode & 0o001:
            os.chmod(path, 0o755)
    make_image(image)
    for name, text in MODULES.items():
        write_module(image, name, text)
    yield image
    shutil.rmtree(image)


def write_module(image, name, text):
    """As package managers do: a new file takes the old one's place."""
    directory = os.path.join(image, "usr", "lib", "python3", "dist-packages")
    os.makedirs(directory, exist_ok=True)
    with open(os.path.join(directory, "new"), "w") as f:
        f.write(text)
    os.replace(os.path.join(directory, "new"), os.path.join(directory, name + ".py"))


@pytest.fixture(scope="module")
def of_image(image):
    texts = ["none", "tiny", *BAD]
    with Stack(slots=2, queue=8, workers=6, native='root = "%s"' % image, wait=False, before=import_these(texts)) as stack:
        stack.wait_ready()
        wait_until(lambda: "starting" not in [t["state"] for t in templates(stack).values()], 30, 0.05, "templates")
        wait_until(lambda: templates(stack)["tiny"]["waiting"] == 1 == templates(stack)["none"]["waiting"], 10)
        stack.seen = templates(stack)
        yield stack


@IMAGE
@pytest.mark.parametrize("name", BAD)
def test_imports_that_make_no_template(of_image, name):
    """Told to the operator, and never used; the programs that want it run all the same."""
    found = of_image.seen[name]
    assert found["state"] == "failed" and BAD[name] in found["reason"], found
    assert (found["waiting"], found["clones"]) == (0, 0), found
    assert re.search(r"template python \(%s\): .*%s" % (name, re.escape(BAD[name])), of_image.log()), of_image.log()
    if name not in ("leaving", "dying", "no_such_module"):
        doc = of_image.run("import %s, sys\nprint(sorted(set(%r) & set(sys.modules)))" % (name, list(MODULES)))
        assert doc["success"] and doc["stdout"] == "['%s']\n" % name and doc["timings"]["start"] == "cold", doc


@IMAGE
def test_a_failed_template_degrades_and_no_more(of_image):
    name = next(iter(BAD))  # the first in the file
    text = degraded(of_image)
    assert text.startswith("template python (%s) failed: " % name) and BAD[name] in text, text
    cli = [of_image.path("bin", "sandgate"), "-c", of_image.path("conf", "sandgate.conf"), "runtimes"]
    done = subprocess.run(cli, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done
    assert "No module named 'no_such_module'" in done.stdout and "failed" in done.stdout, done.stdout
    for code in ("print(1)", "import json; print(1)", "import tiny; print(1)"):
        doc = of_image.run(code)
        assert doc["stdout"] == "1\n" and doc["timings"]["start"] == "warm", doc
    doc = of_image.run("import no_such_module")
    assert doc["exit_code"] == 1 and "ModuleNotFoundError: No module named 'no_such_module'" in doc["stderr"], doc


@IMAGE
def test_files_that_change_are_served(image, of_image):
    code = "import tiny, sys\nprint(tiny.VALUE)"
    doc = of_image.run(code)
    assert (doc["stdout"], doc["timings"]["start"]) == ("first\n", "warm"), doc
    wait_until(lambda: templates(of_image)["tiny"]["waiting"] == 1, 10)
    old, old_templates = pool(of_image)["clone"], pool(of_image)["template"]
    assert (len(old), len(old_templates)) == (2, 2)  # of no module, and of this one
    write_module(image, "tiny", "VALUE = 'second'\n")
    wait_until(lambda: (len(alive(old)), len(alive(old_templates))) == (1, 1), 20, what="what waited on the old files to go")
    assert re.search(r"/dist-packages has changed: the template on it is replaced", of_image.log())
    starts = []

    def warm():
        doc = of_image.run(code)
        assert doc["stdout"] == "second\n", doc
        starts.append(doc["timings"]["start"])
        return starts[-2:] == ["warm", "warm"]

    wait_until(warm, 20, 0.05, what="warm again")
    assert set(starts) <= {"warm", "cold"} and degraded(of_image) is not None  # of the others
    assert templates(of_image)["tiny"]["reason"] is None


@IMAGE
def test_what_an_import_prints_is_no_programs_output(make_stack, image):
    """As with any import that is not fit: told, and not used. A program that does not import it has no output of it."""
    stack = make_stack(slots=1, queue=4, workers=4, native='root = "%s"' % image, wait=False, before=import_these(["chatty"]))
    stack.wait_ready()
    wait_until(lambda: templates(stack)["chatty"]["state"] != "starting", 30, 0.05)
    for code, expected in (("print(1)", "1\n"), ("import chatty; print(1)", "said by an import\n1\n"),
                           ("import os; os._exit(0)", "")):
        assert stack.run(code)["stdout"] == expected


@IMAGE
def test_a_fork_hook_of_an_import_is_called(make_stack, image):
    """Of the standard library's own hooks a clone needs none (tests/data/programs/fork_hooks.py)."""
    stack = make_stack(slots=1, queue=4, workers=4, native='root = "%s"' % image, wait=False, before=import_these(["hooked"]))
    stack.wait_ready()
    stack.wait_warm()
    code = "import hooked, random\nprint(hooked.forked)\nprint(random.getrandbits(64))"
    docs = [stack.run(code) for _ in range(3)]
    assert [d["timings"]["start"] for d in docs].count("warm") > 1, docs
    for doc in docs:
        assert doc["stdout"].startswith("[1]\n" if doc["timings"]["start"] == "warm" else "[]\n"), doc
    assert len({d["stdout"].split()[-1] for d in docs}) == 3, docs


@IMAGE
def test_what_an_import_has_drawn_is_no_clones_first_number(make_stack, image):
    """random.gauss() makes two at a time, and keeps the second."""
    stack = make_stack(slots=1, queue=4, workers=4, native='root = "%s"' % image, wait=False, before=import_these(["gaussian"]))
    stack.wait_ready()
    stack.wait_warm()
    docs = [stack.run("import gaussian, random\nprint(random.gauss(0, 1))") for _ in range(4)]
    assert [d["timings"]["start"] for d in docs].count("warm") > 1, docs
    assert len({d["stdout"] for d in docs}) == 4, docs


@IMAGE
def test_a_file_of_the_root_that_is_replaced(make_stack, image):
    """What waits was made on the old one. As ldconfig(8) does with /etc/ld.so.cache: a new file in the old one's place."""
    def write(text):
        with open(os.path.join(image, "etc", "new"), "w") as f:
            f.write(text)
        os.replace(os.path.join(image, "etc", "new"), os.path.join(image, "etc", "mime.types"))

    write("the first")
    stack = make_stack(slots=2, queue=4, workers=4, native='root = "%s"' % image, wait=False, before=import_these(["none"]))
    stack.wait_ready()
    stack.wait_warm()
    code = "print(open('/etc/mime.types').read())"
    docs = [stack.run(code, args=args) for args in ([], [], ["cold"])]
    assert [d["stdout"] for d in docs] == ["the first\n"] * 3, docs
    stack.wait_warm()
    before = stack.rest()
    keepers = pool(stack)["keeper"]
    assert keepers
    write("the second")
    wait_until(lambda: "files of the boxes' root have been replaced" in stack.log(), 8, what="the executor to see it")
    wait_until(lambda: not alive(keepers), 5, what="the old cells to go")
    stack.wait_warm()
    docs = [stack.run(code, args=args) for args in ([], [], ["cold"])]
    assert [d["stdout"] for d in docs] == ["the second\n"] * 3, docs
    assert {d["timings"]["start"] for d in docs} == {"warm", "cold"}, docs
    stack.wait_warm()
    stack.settle(before)
