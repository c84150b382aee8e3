"""native.root: an image directory as the box's root, with nothing of the host's /usr in it."""

import glob
import os
import pathlib
import re
import shutil
import subprocess

PYTHON = os.path.realpath("/usr/bin/python3")


def put(image, path):
    """A file of the host at the same place of the image (where /lib is a link into /usr, below /usr)."""
    real = os.path.realpath(path)
    for place in {path, real}:
        target = image + (place if place.startswith("/usr/") else "/usr" + place)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if not os.path.exists(target):
            shutil.copy(real, target)


def make_image(image):
    library = glob.glob("/usr/lib/python3.*/os.py")[0].rpartition("/")[0]
    put(image, PYTHON)
    shutil.copytree(library, image + library, ignore=shutil.ignore_patterns("test", "__pycache__", "config-*", "idlelib"),
                    symlinks=True)
    for binary in [PYTHON] + glob.glob(library + "/lib-dynload/*.so"):
        listing = subprocess.run(["/usr/bin/ldd", binary], capture_output=True, text=True, check=True).stdout
        for found in re.findall(r"(/\S+)", listing):
            put(image, found)
    for link in ("bin", "lib", "lib64"):
        os.symlink("usr/" + link, os.path.join(image, link))
    os.symlink(os.path.basename(PYTHON), image + "/usr/bin/python3")
    os.makedirs(image + "/etc/fonts")
    for name in ("/usr/marker", "/etc/fonts/marker", "/etc/secret"):
        with open(image + name, "w") as f:
            f.write("of the image\n")


def test_image_as_root(make_stack, tmp_path_factory):
    image = str(tmp_path_factory.mktemp("image"))
    for path in (image, *map(str, pathlib.Path(image).parents)):
        if not os.stat(path).st_mode & 0o001:  # pytest's own: with -n there is one more
            os.chmod(path, 0o755)
    make_image(image)
    stack = make_stack(slots=1, queue=2, workers=3, native='root = "%s"' % image, start="cold")
    doc = stack.run("""
import os
print(open("/usr/marker").read(), open("/etc/fonts/marker").read(), sorted(os.listdir("/etc")))
print(os.path.exists("/usr/share"), os.path.exists("/usr/sbin"), os.path.exists("/etc/secret"))
for path in ("/usr/marker", "/usr/new"):
    try:
        open(path, "w")
    except OSError as e:
        print(e.errno)
import json, decimal, threading, zlib
try:
    import pandas.core
except ImportError as e:
    print(e)
""")
    assert doc["success"], doc
    lines = doc["stdout"].splitlines()
    assert lines[0] == "of the image" and "secret" not in lines[2] and "passwd" in lines[2], doc["stdout"]
    assert lines[3:6] == ["False False False", "30", "30"] and "No module named 'pandas" in lines[6], doc["stdout"]
    assert doc["isolation"]["missing"] == stack.run("print(1)")["isolation"]["missing"]
    assert stack.get("/v1/runtimes").json[0]["packages"] == {}
