"""The executor's processes: templates, boxes with what is in them, launchers; and what memory they take."""

import os
import time

from common import MB, memory
from procfs import process_table
from stack import wait_until


def template_name(pid):
    """By what it has loaded."""
    with open("/proc/%d/maps" % pid) as f:
        text = f.read()
    for part, name in (("/matplotlib/", "Matplotlib"), ("/pandas/", "Pandas"), ("/numpy/", "NumPy")):
        if part in text:
            return name
    return "plain"


class Processes:
    """The executor's, as they are now: those that wait say so in their names."""

    def __init__(self, stack):
        table, self.executor = process_table(), stack.executor_child()
        names = {p: table[p][2] for p in table}
        own = [p for p in table if table[p][0] == self.executor]
        self.spares = stack.spare_launchers()
        self.boxes = {p: [p] + [q for q in table if table[q][0] == p]  # pid 1 -> all in there
                      for p in own if names[p] in ("sandgate-box", "sandgate-ready", "sandgate-waits")}
        self.templates = {p: template_name(p) for p in own if names[p] == "sandgate-templ"}
        self.ahead = {p for p in own if names[p] == "sandgate-waits"}  # pid 1 of a process that was started ahead
        self.clones = {p for p in table if names[p] == "sandgate-waits" and p not in own}

    def waiting(self):
        """Boxes in which a clone waits."""
        return [pids for pids in self.boxes.values() if self.clones.intersection(pids)]

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
    for pid in sorted(now.ahead):
        sizes = Processes.sum(now.boxes[pid])
        report.add("a waiting box with a Node.js process: private", sizes["private"],
                   note="proportional %.2f, resident %.2f" % (sizes["pss"], sizes["rss"]))
    empty = [pids for pid, pids in now.boxes.items() if pids not in waiting and pid not in now.ahead]
    if empty:
        worst = max((Processes.sum(pids) for pids in empty), key=lambda size: size["private"])
        report.add("a waiting box without a clone: private, worst", worst["private"],
                   note="proportional %.2f; there are %d" % (worst["pss"], len(empty)))
    if now.spares:
        worst = max((Processes.sum([p]) for p in now.spares), key=lambda size: size["private"])
        report.add("a waiting launcher, or the keeper of a cell: private, worst", worst["private"],
                   note="proportional %.2f; there are %d" % (worst["pss"], len(now.spares)))
    in_flight(stack, report, "import numpy", "import numpy", 0)
    in_flight(stack, report, "import numpy and 32 MB", "import numpy\nx = b'x' * (32 << 20)", 32)


def template_of(pids, now):
    return template_name(next(p for p in pids if p in now.clones))
