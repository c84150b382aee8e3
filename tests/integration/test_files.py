"""Files that a program leaves: which come back, how, and what a hostile tree may do to whom."""

import base64
import concurrent.futures

import pytest

MIB = 1024 * 1024


def run(stack, code, **fields):
    fields.setdefault("validate", False)
    return stack.run(code, **fields)


def files_of(doc):
    """{path: bytes} of what came back, after checking each entry's form."""
    found = {}
    for file in doc["files"]:
        assert set(file) == {"path", "size", "content", "encoding", "media_type"}, file
        content = base64.b64decode(file["content"], validate=True) if file["encoding"] == "base64" else file["content"].encode()
        assert len(content) == file["size"] and file["path"] not in found, file
        found[file["path"]] = content
    return found


def omitted(doc):
    """{path: reason}; all of them are named."""
    entries = doc["files_omitted"]["files"]
    assert len(entries) == min(doc["files_omitted"]["count"], 32), doc["files_omitted"]
    return {entry["path"]: entry["reason"] for entry in entries}


INPUTS = [{"path": "a.txt", "content": "one"}, {"path": "d/b.bin", "content": "AAEC", "encoding": "base64"}]

# name: program, fields, what comes back
KEPT = {
    "nothing": ("print(1)", {}, {}),
    "new": ("open('new.txt', 'w').write('hello')", {}, {"new.txt": b"hello"}),
    "not text": ("open('x', 'wb').write(bytes(range(256)))", {}, {"x": bytes(range(256))}),
    "text with a NUL": ("open('x', 'w').write('a\\0b')", {}, {"x": b"a\0b"}),
    "empty": ("open('empty', 'w')", {}, {"empty": b""}),
    "in folders": ("import os\nos.makedirs('p/q/r')\nopen('p/q/r/s', 'w').write('deep')", {}, {"p/q/r/s": b"deep"}),
    "empty folder": ("import os\nos.mkdir('only')", {}, {}),
    "hidden": ("open('.dot', 'w').write('x')", {}, {".dot": b"x"}),
    "outside": ("open('/tmp/elsewhere', 'w').write('x')", {}, {}),
    "inputs as they were": ("print(open('a.txt').read())", {"files": INPUTS}, {}),
    "written again, the same": ("open('a.txt', 'w').write('one')", {"files": INPUTS}, {}),
    "changed, as long as before": ("open('a.txt', 'w').write('two')", {"files": INPUTS}, {"a.txt": b"two"}),
    "changed in place, with its times": (
        "import os\ns = os.stat('a.txt')\nf = os.open('a.txt', os.O_RDWR)\nos.pwrite(f, b'X', 1)\nos.close(f)\n"
        "os.utime('a.txt', ns=(s.st_atime_ns, s.st_mtime_ns))", {"files": INPUTS}, {"a.txt": b"oXe"}),
    "appended": ("open('a.txt', 'a').write('!')", {"files": INPUTS}, {"a.txt": b"one!"}),
    "removed": ("import os\nos.remove('a.txt')", {"files": INPUTS}, {}),
    "renamed": ("import os\nos.rename('a.txt', 'z.txt')", {"files": INPUTS}, {"z.txt": b"one"}),
    "copied with its times": ("import shutil\nshutil.copy2('d/b.bin', 'c.bin')", {"files": INPUTS}, {"c.bin": b"\0\1\2"}),
    "two that changed places": (
        "import os\nos.rename('a.txt', 't')\nos.rename('d/b.bin', 'a.txt')\nos.rename('t', 'd/b.bin')", {"files": INPUTS},
        {"a.txt": b"\0\1\2", "d/b.bin": b"one"}),
    "its own source": ("open(__file__, 'a').write('#')", {}, {"main.py": b"open(__file__, 'a').write('#')#"}),
    "of a program that fails": ("open('x', 'w').write('x')\n1 / 0", {}, {"x": b"x"}),
    "of one that ends at once": ("import os\nopen('x', 'w').write('x')\nos._exit(3)", {}, {"x": b"x"}),
    "of one that is killed": ("import os\nopen('x', 'w').write('x')\nos.kill(os.getpid(), 9)", {}, {"x": b"x"}),
    "of one that takes too long": ("f = open('x', 'w')\nf.write('x')\nf.close()\nwhile True: pass", {"timeout": 4}, {"x": b"x"}),
    "from a thread": ("import threading\nt = threading.Thread(target=lambda: open('x', 'w').write('t'))\nt.start()", {}, {"x": b"t"}),
    "mapped": ("import mmap\nf = open('x', 'w+b')\nf.truncate(5)\nm = mmap.mmap(f.fileno(), 5)\nm[:] = b'12345'", {}, {"x": b"12345"}),
    "nobody may read": ("import os\nopen('x', 'w').write('x')\nos.chmod('x', 0)", {}, {"x": b"x"}),
    "nobody may read, in a folder that nobody may enter": (
        "import os\nos.mkdir('d')\nopen('d/x', 'w').write('x')\nos.chmod('d/x', 0)\nos.chmod('d', 0)", {}, {"d/x": b"x"}),
    "patterns: none": ("open('x', 'w').write('x')", {"output_files": []}, {}),
    "patterns: one name": ("open('x', 'w').write('x')\nopen('y', 'w').write('y')", {"output_files": ["y"]}, {"y": b"y"}),
    "patterns: no match": ("open('x', 'w').write('x')", {"output_files": ["*.png"]}, {}),
    "patterns: several": ("for n in ('a.txt', 'b.csv', 'c.py'): open(n, 'w').write(n)", {"output_files": ["*.txt", "*.csv"]},
                          {"a.txt": b"a.txt", "b.csv": b"b.csv"}),
    "patterns: top only": ("import os\nos.mkdir('d')\nfor n in ('a.csv', 'd/b.csv'): open(n, 'w').write(n)", {"output_files": ["*.csv"]},
                           {"a.csv": b"a.csv"}),
    "patterns: all folders": ("import os\nos.makedirs('d/e')\nfor n in ('a.csv', 'd/b.csv', 'd/e/c.csv', 'd/x'): open(n, 'w').write(n)",
                              {"output_files": ["**/*.csv"]}, {n: n.encode() for n in ("a.csv", "d/b.csv", "d/e/c.csv")}),
    "patterns: below a folder": ("import os\nos.makedirs('d/e')\nfor n in ('x', 'd/y', 'd/e/z'): open(n, 'w').write(n)",
                                 {"output_files": ["d/**"]}, {"d/y": b"d/y", "d/e/z": b"d/e/z"}),
    "patterns: sets": ("for n in ('f1', 'f2', 'fx', 'f-', 'g1'): open(n, 'w').write(n)", {"output_files": ["f[0-9]", "[!f]?"]},
                       {"f1": b"f1", "f2": b"f2", "g1": b"g1"}),
    "patterns: escaped": ("for n in ('a*', 'ab'): open(n, 'w').write(n)", {"output_files": ["a\\*"]}, {"a*": b"a*"}),
    "patterns: characters": ("for n in ('\\u00e4.txt', 'ab.txt'): open(n, 'w').write(n)", {"output_files": ["?.txt"]},
                             {"\u00e4.txt": "\u00e4.txt".encode()}),
    "patterns: of inputs": ("open('a.txt', 'a').write('!')", {"files": INPUTS, "output_files": ["**"]}, {"a.txt": b"one!"}),
}


@pytest.mark.parametrize("case", KEPT)
def test_which_come_back(any_stack, case):
    code, fields, expected = KEPT[case]
    doc = run(any_stack, code, **fields)
    assert files_of(doc) == expected, doc
    assert doc["files_omitted"] == {"count": 0, "files": []}


TYPES = {
    "a.txt": ("'text'", "text/plain"), "noname": ("'text'", "text/plain"), "t.csv": ("'a,b'", "text/csv"),
    "j.json": ("'{}'", "application/json"), "v.svg": ("'<svg/>'", "image/svg+xml"), "h.html": ("'<p>'", "text/html"),
    "n": ("b'\\xff\\x00'", "application/octet-stream"), "lies.png": ("'no picture'", "text/plain"),
    "p.png": ("b'\\x89PNG\\r\\n\\x1a\\n' + bytes(8)", "image/png"), "really.txt": ("b'\\x89PNG\\r\\n\\x1a\\n' + bytes(8)", "image/png"),
    "j.jpg": ("b'\\xff\\xd8\\xff\\xe0' + bytes(8)", "image/jpeg"), "d.pdf": ("b'%PDF-1.7\\n\\xff'", "application/pdf"),
    "z.xlsx": ("b'PK\\x03\\x04\\xff'", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


def test_media_types(stack):
    code = "".join("open(%r, 'wb' if isinstance(%s, bytes) else 'w').write(%s)\n" % (n, c, c) for n, (c, _) in TYPES.items())
    doc = run(stack, code)
    assert {f["path"]: f["media_type"] for f in doc["files"]} == {n: t for n, (_, t) in TYPES.items()}


def test_order_is_that_of_names_with_numbers_as_numbers(stack):
    doc = run(stack, "for n in ('p-10', 'p-2', 'b', 'p-1', 'a'): open(n, 'w')")
    assert list(files_of(doc)) == ["a", "b", "p-1", "p-2", "p-10"]


# ---- bounds ----

BIG = "".join("open('f%d', 'wb').write(bytes(%d))\n" % (i, 3 * MIB) for i in (1, 2, 3)) + "open('g', 'w').write('small')"

# name: program, fields, names that come back, what is omitted; counted exactly
CUT = {
    "33 files": ("for i in range(33): open('f%02d' % i, 'w').write(str(i))", {}, ["f%02d" % i for i in range(32)], {"f32": "too_many"}),
    "bytes in all": (BIG, {}, ["f1", "f2", "g"], {"f3": "too_large"}),
    "one too large": ("open('x', 'wb').truncate(8 * 1024 * 1024 + 1)\nopen('y', 'w')", {}, ["y"], {"x": "too_large"}),
    "exactly as large as may be": ("open('x', 'wb').truncate(8 * 1024 * 1024)", {}, ["x"], {}),
    "sparse, of 1 GB": ("open('x', 'wb').truncate(1 << 30)", {"limits": {"file_bytes": 1 << 30}}, [], {"x": "too_large"}),
    "links": ("import os\nopen('x', 'w').write('x')\nos.symlink('x', 'l')\nos.symlink('/etc/passwd', 'p')\nos.symlink('/etc', 'e')\n"
              "os.symlink('.', 'round')", {}, ["x"], {"l": "not_a_file", "p": "not_a_file", "e": "not_a_file", "round": "not_a_file"}),
    "hard links": ("import os\nopen('x', 'w').write('x')\nos.link('x', 'y')", {}, [], {"x": "hard_link", "y": "hard_link"}),
    "input that has become a link": ("import os\nos.remove('a.txt')\nos.symlink('/etc/passwd', 'a.txt')", {"files": INPUTS}, [],
                                     {"a.txt": "not_a_file"}),
    "folder that has become a link": ("import os, shutil\nshutil.rmtree('d')\nos.symlink('/etc', 'd')", {"files": INPUTS}, [],
                                      {"d": "not_a_file"}),
    "control characters": ("open('a\\nb', 'w')\nopen('c\\x1b[31m', 'w')", {}, [], {"a\nb": "bad_name", "c\x1b[31m": "bad_name"}),
    "not UTF-8": ("open(b'a\\xff', 'w').write('x')\nopen('b', 'w')", {}, ["b"], {"a\ufffd": "bad_name"}),
    "folder not UTF-8": ("import os\nos.mkdir(b'a\\xff')\nopen(b'a\\xff/x', 'w')", {}, [], {"a\ufffd": "bad_name"}),
    "longest path": ("import os\nos.mkdir('d' * 127)\nopen('d' * 127 + '/' + 'f' * 127, 'w')", {}, ["d" * 127 + "/" + "f" * 127], {}),
    "too long a path": ("import os\nos.mkdir('d' * 128)\nopen('d' * 128 + '/' + 'f' * 127, 'w')", {}, [],
                        {("d" * 128 + "/" + "f" * 127)[:255]: "bad_name"}),
    "deepest": ("import os\nos.makedirs('1/2/3/4/5/6/7')\nopen('1/2/3/4/5/6/7/x', 'w')", {}, ["1/2/3/4/5/6/7/x"], {}),
    "too deep": ("import os\nos.makedirs('1/2/3/4/5/6/7/8')\nopen('1/2/3/4/5/6/7/8/x', 'w')", {}, [], {"1/2/3/4/5/6/7/8": "too_deep"}),
    "not asked for, not told": ("import os\nos.makedirs('1/2/3/4/5/6/7/8')\nos.symlink('x', 'y')\nopen('z.csv', 'w')",
                                {"output_files": ["*.csv"]}, ["z.csv"], {}),
}


@pytest.mark.parametrize("case", CUT)
def test_what_is_omitted_is_told(any_stack, case):
    code, fields, names, left_out = CUT[case]
    doc = run(any_stack, code, **fields)
    assert doc["success"], doc
    assert list(files_of(doc)) == names
    assert omitted(doc) == left_out and doc["files_omitted"]["count"] == len(left_out)


def test_ten_thousand_files(any_stack):
    doc = run(any_stack, "for i in range(10000): open('f%05d' % i, 'w').close()\nprint('done')")
    assert doc["stdout"] == "done\n"
    assert list(files_of(doc)) == ["f%05d" % i for i in range(32)]
    assert doc["files_omitted"]["count"] == 10000 - 32 and set(omitted(doc).values()) == {"too_many"}


def test_a_deep_tree(any_stack):
    doc = run(any_stack, "import os\nfor i in range(3000):\n    os.mkdir('d')\n    os.chdir('d')\nopen('x', 'w')\nprint('done')")
    assert doc["stdout"] == "done\n" and doc["files"] == [] and omitted(doc) == {"/".join("d" * 8): "too_deep"}


def test_ten_thousand_folders(any_stack):
    doc = run(any_stack, "import os\nfor i in range(10000): os.mkdir('d%d' % i)\nopen('x', 'w').write('x')")
    assert files_of(doc) == {"x": b"x"} and doc["files_omitted"]["count"] == 0


SWAP = """
import os, threading, time
os.mkdir('good'); open('good/passwd', 'w').write('mine')
open('plain', 'w').write('mine'); os.symlink('/etc/passwd', 'link'); os.symlink('/etc', 'folder')
def swap():
    while True:
        for a, b in (('plain', 'link'), ('good', 'folder')):
            os.rename(a, 't'); os.rename(b, a); os.rename('t', b)
for _ in range(4):
    threading.Thread(target=swap, daemon=True).start()
time.sleep(0.05)
"""


def test_nothing_is_swapped_under_the_collector(any_stack):
    for _ in range(5):
        doc = run(any_stack, SWAP)
        assert all(content == b"mine" for content in files_of(doc).values()), doc["files"]


def test_a_working_directory_that_was_closed_or_left(any_stack):
    assert files_of(run(any_stack, "import os\nopen('x', 'w').write('x')\nos.chmod('.', 0)")) == {"x": b"x"}
    assert files_of(run(any_stack, "import os\nopen('x', 'w').write('x')\nos.chdir('/tmp')")) == {"x": b"x"}


def test_a_full_file_system_loses_nothing(any_stack):
    doc = run(any_stack, "open('small', 'w').write('kept')\ntry:\n    f = open('big', 'wb', 0)\n    while True: f.write(bytes(1 << 20))\n"
              "except OSError as e: print(e.errno)", limits={"memory_bytes": 512 * MIB, "file_bytes": 1 << 30})
    assert doc["stdout"] == "28\n" and files_of(doc) == {"small": b"kept"} and omitted(doc) == {"big": "too_large"}


def test_runs_at_the_same_time_keep_their_own(either_stack):
    def one(i):
        return files_of(run(either_stack, "open('mine', 'w').write('%d' * 100000)" % i))["mine"]

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert list(pool.map(one, range(8))) == [b"%d" % i * 100000 for i in range(8)]


def test_other_runs_get_their_turn(make_stack):
    """While the files of one run are searched and copied the executor serves others."""
    stack = make_stack(slots=4)
    flood = "import os\nfor i in range(12000): open('f%d' % i, 'w').close()\nfor i in range(3): open('g%d' % i, 'wb').write(bytes(2 << 20))"
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        floods = [pool.submit(run, stack, flood) for _ in range(2)]
        while not all(one.done() for one in floods):
            assert run(stack, "print(1)")["stdout"] == "1\n"
        assert all(one.result()["files_omitted"]["count"] > 11000 for one in floods)


def test_the_operators_bounds(make_stack):
    stack = make_stack(config="output {\n    files = 2\n    bytes = 10\n}")
    assert stack.get("/v1/limits").json["output"] == {"files": 2, "bytes": 10}
    doc = run(stack, "for n in 'abc': open(n, 'w').write(n * 4)")
    assert files_of(doc) == {"a": b"aaaa", "b": b"bbbb"} and omitted(doc) == {"c": "too_many"}
    doc = run(stack, "open('a', 'w').write('a' * 6)\nopen('b', 'w').write('b' * 5)")
    assert files_of(doc) == {"a": b"aaaaaa"} and omitted(doc) == {"b": "too_large"}


def test_no_files_at_all(make_stack):
    stack = make_stack(config="output {\n    files = 0\n}")
    doc = run(stack, "open('a', 'w')")
    assert doc["files"] == [] and omitted(doc) == {"a": "too_many"}


# ---- bad input ----

BAD = {
    "no array": ("*.txt", "/output_files", "is a string; allowed: an array of patterns"),
    "no string": ([7], "/output_files/0", "is a number; allowed: a string"),
    "empty": (["ok", ""], "/output_files/1", "is empty"),
    "absolute": (["/etc/*"], "/output_files/0", "is absolute"),
    "upwards": (["../*"], "/output_files/0", 'has a component "." or ".."'),
    "dot": (["./*"], "/output_files/0", 'has a component "." or ".."'),
    "empty name": (["a//b"], "/output_files/0", "has an empty component"),
    "NUL": (["a\0b"], "/output_files/0", "holds a NUL character"),
    "control": (["a\nb"], "/output_files/0", "has a control character"),
    "too long": (["a" * 256], "/output_files/0", "has 256 bytes; allowed: at most 255"),
    "too deep": (["/".join("abcdefghi")], "/output_files/0", "has more than 8 components"),
    "open set": (["a[b"], "/output_files/0", "has a [ without its ]"),
    "empty set": (["a[]"], "/output_files/0", "has an empty [ ]"),
    "set over names": (["a[b/c]"], "/output_files/0", "has a [ without its ]"),
    "backward range": (["[z-a]"], "/output_files/0", "has a range in [ ] whose end is before its beginning"),
    "escape of nothing": (["a\\"], "/output_files/0", "has a \\ at the end of a name"),
    "stars": (["a**b"], "/output_files/0", "has ** beside other characters"),
    "three stars": (["***"], "/output_files/0", "has ** beside other characters"),
    "too many": (["a"] * 33, "/output_files", "has 33 items; allowed: at most 32"),
    "too many bytes": (["a" * 250] * 9, "/output_files/8", "goes past what all patterns may have together; allowed: 2048 bytes"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_patterns(stack, case):
    value, pointer, text = BAD[case]
    answer = stack.post({"language": "python", "code": "print(1)", "validate": False, "output_files": value})
    doc = answer.problem()
    assert answer.status == 422 and doc["code"] == "invalid_request", doc
    assert [e["pointer"] for e in doc["errors"]] == [pointer] and text in doc["errors"][0]["detail"], doc["errors"]


def test_patterns_that_explode_elsewhere(any_stack):
    """Against long names of which they match nearly all."""
    patterns = ["*a" * 30 + "b", "?*" * 60 + "b", "**/" * 7 + "*b", "[a-z]*" * 20 + "[0-9]"] * 2
    doc = run(any_stack, "for i in range(2000): open('a' * 240 + '%04d!' % i, 'w').close()\nopen('ab', 'w').write('x')", output_files=patterns)
    assert doc["success"] and files_of(doc) == {"ab": b"x"}


def test_rejected_has_none(stack):
    doc = stack.run("import os", validate=True, output_files=["*"])
    assert doc["status"] == "rejected" and doc["files"] is None and doc["files_omitted"] is None


def test_none_come_back_of_tests(stack):
    answer = stack.post({"language": "python", "code": "open('x', 'w')", "validate": False, "tests": [{}], "output_files": ["*"]})
    assert answer.status == 422 and answer.problem()["errors"][0]["pointer"] == "/output_files"
    doc = run(stack, "open('x', 'w')", tests=[{}])
    assert doc["files"] is None and doc["files_omitted"] is None and doc["test_summary"]["passed"] == 1


def test_validate_does_not_know_the_field(stack):
    answer = stack.post({"language": "python", "code": "1", "output_files": []}, path="/v1/validate")
    assert answer.status == 422 and answer.problem()["errors"][0]["pointer"] == "/output_files"
