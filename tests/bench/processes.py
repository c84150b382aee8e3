"""The executor's processes: templates, boxes with what is in them, launchers; and what memory they take."""

import os
import time

from common import MB, memory
from stack import process_table, wait_until


def pid_namespace(pid):
    try:
        return os.readlink("/proc/%d/ns/pid" % pid)
    except OSError:
        return None


def template_name(pid):
    """By what it has loaded."""
    with open("/proc/%d/maps" % pid) as f:
        text = f.read()
    for part, name in (("/matplotlib/", "Matplotlib"), ("/pandas/", "Pandas"), ("/numpy/", "NumPy")):
        if part in text:
            return name
    return "plain"


class Processes:
    """The executor's, as they are now. A program that has joined a box is the executor's child or the box's, by the
    way it came there; what tells that they belong together is the pid namespace."""

    def __init__(self, stack):
        table, executor = process_table(), stack.executor_child()
        self.executor = executor
        self.spares = stack.spare_launchers()
        below = [p for p in stack.children("executor") if p != executor and p in table]
        namespaces = {p: pid_namespace(p) for p in below}
        first = {namespaces[p]: p for p in sorted(below, reverse=True) if table[p][2].startswith("sandgate-box")}
        first.pop(pid_namespace(executor), None)
        first.pop(None, None)
        self.boxes = {first[ns]: [p for p in below if namespaces[p] == ns] for ns in first}  # pid 1 -> all in there
        self.python = {p for p in below if table[p][2].startswith("python")}
        self.templates = {p: template_name(p) for p in self.python
                          if table[p][0] == executor and namespaces[p] not in first}

    def waiting(self):
        """Boxes in which a clone waits, while nobody runs anything."""
        return [pids for pids in self.boxes.values() if self.python.intersection(pids)]

    @staticmethod
    def sum(pids):
        sizes = [memory(p) for p in pids]
        return {name: sum(size[name] for size in sizes) / MB for name in ("rss", "pss", "private")}


def in_flight(stack, report, name, code, own):
    """A run that sleeps; own: MB that the program itself allocates."""
    def sleeping():
        return next((pids for pids in Processes(stack).boxes.values()
                     if any(os.path.exists("/proc/%d/root/tmp/sleeps" % p) for p in pids)), None)

    wait_until(lambda: not sleeping(), 20, what="the end of the run before")
    with stack.begin(code + "\nopen('/tmp/sleeps', 'w').close()\nimport time\ntime.sleep(60)"):
        pids = wait_until(sleeping, 20, what="a run that sleeps")
        time.sleep(0.3)
        sizes = Processes.sum(pids)
    report.add("a run in flight, %s: private" % name, sizes["private"] - own, 4,
               "proportional %.2f, resident %.2f, %d processes%s" % (
                   sizes["pss"] - own, sizes["rss"] - own, len(pids), "; less %d MB of its own" % own if own else ""))


def measure_memory(stack, report):
    """Judged is private memory of boxes: what would be free if they were not. How much of what they share with their
    template is theirs in proportion depends on how many share it just then."""
    report.title("Memory, MB: private (its own pages) and proportional (shared pages by the number that share them)")
    now = Processes(stack)
    sizes = Processes.sum([now.executor])
    report.add("executor: private", sizes["private"], 8, "proportional %.2f" % sizes["pss"])
    for pid, name in sorted(now.templates.items(), key=lambda item: item[1]):
        sizes = Processes.sum([pid])
        report.add("template, %s: resident" % name, sizes["rss"], 40 if name == "NumPy" else None,
                   "private %.2f, proportional %.2f" % (sizes["private"], sizes["pss"]))
    if not now.templates:
        report.absent("templates", "none")
    waiting = now.waiting()
    for kind in sorted({template_of(pids, now) for pids in waiting}):
        sizes = [Processes.sum(pids) for pids in waiting if template_of(pids, now) == kind]
        worst = max(sizes, key=lambda size: size["private"])
        report.add("a waiting box with its clone, %s: private, worst" % kind, worst["private"], 4,
                   "proportional %.2f, resident %.2f; there are %d" % (worst["pss"], worst["rss"], len(sizes)))
    if not waiting:
        report.absent("waiting boxes with clones", "none")
    empty = [pids for pids in now.boxes.values() if pids not in waiting]
    if empty:
        worst = max((Processes.sum(pids) for pids in empty), key=lambda size: size["private"])
        report.add("a waiting box without a clone: private, worst", worst["private"],
                   note="proportional %.2f; there are %d" % (worst["pss"], len(empty)))
    if now.spares:
        worst = max((Processes.sum([p]) for p in now.spares), key=lambda size: size["private"])
        report.add("a waiting launcher: private, worst", worst["private"],
                   note="proportional %.2f; there are %d" % (worst["pss"], len(now.spares)))
    in_flight(stack, report, "import numpy", "import numpy", 0)
    in_flight(stack, report, "import numpy and 32 MB", "import numpy\nx = b'x' * (32 << 20)", 32)


def template_of(pids, now):
    return template_name(next(p for p in pids if p in now.python))
