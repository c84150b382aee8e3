"""What there is of a stack (processes, descriptors, mounts, cgroups, files), so that a test can say that nothing is left behind.

    before = stack.rest(); ...; stack.settle(before)
"""

import os
import re
import time

from procfs import CELL_FILES, CGROUP_FILES, ROOT, cgroup_mounts, descendants, descriptors, links, mounts, one_look, process_table, processes_of_uids
from waiting import wait_until


class Counted:
    """A part of Stack: reads its processes, name, dir and numbers."""

    def box_pids(self):
        """Processes of boxes that serve a run: descendants of the executor's working child, without those that wait."""
        with one_look():
            return self.box_pids_now()

    def box_pids_now(self):
        child = self.executor_child()
        if not child:
            return []
        table = process_table()
        parents = {}
        for pid, (ppid, _, name) in table.items():
            parents.setdefault(ppid, []).append(name)
        idle = ("sandgate-spare", "sandgate-cell", "sandgate-ready", "sandgate-templ", "sandgate-waits")
        found = []
        for pid in descendants(child):
            name = table.get(pid, (0, "", "sandgate-spare"))[2]
            waits = name == "sandgate-box" and set(parents.get(pid, [])) & set(idle)
            # An interpreter that was started ahead keeps its name: its pid 1 tells.
            waits = waits or table.get(table.get(pid, (0,))[0], (0, "", ""))[2] == "sandgate-waits"
            if pid != child and name not in idle and not waits and not self.is_template(pid):
                found.append(pid)
        return found

    def is_template(self, pid):
        """An interpreter that is the executor's own child: it gets ready to be a template, or has not said so yet."""
        ppid, _, name = process_table().get(pid, (0, "", ""))
        return ppid == self.executor_child() and not name.startswith("sandgate")

    def spare_launchers(self):
        """Launchers that wait, and keepers of cells; how many there are just now is chance."""
        return [p for name in ("sandgate-spare", "sandgate-cell") for p in self.children("executor", name)]

    def cgroup_dirs(self):
        """Every cgroup directory whose path has this stack's name in it."""
        found = []
        for _, mount, _ in cgroup_mounts():
            for path, _, _ in os.walk(mount):
                if self.name in path.split("/"):  # "…-1" is not "…-15"
                    found.append(path)
        return sorted(set(found), key=len, reverse=True)

    def counts(self):
        """What must not grow. Compare with settle()."""
        with one_look():
            return self.counts_now()

    def counts_now(self):
        executor = self.executor_child() if "executor" in self.processes else None
        own = [self.pid("executor"), executor] if executor else []
        workers = self.worker_pids()
        spare = self.spare_launchers() if executor else []
        cells = len(self.children("executor", "sandgate-cell")) if executor else 0
        of_cells = descriptors(executor, CELL_FILES) if executor else 0
        cgroups = self.cgroup_dirs()
        boxes = {found[1] for found in (re.match(CGROUP_FILES, path) for path in cgroups) if found}
        held = {re.match(CGROUP_FILES, link)[1] for link in links(executor, CGROUP_FILES)} if executor else set()
        templates = len([p for p, (parent, _, name) in process_table().items()
                         if parent == executor and (name == "sandgate-templ" or self.is_template(p))]) if executor else 0
        return {
            "executor processes": len(descendants(self.pid("executor"))) - len(spare) if executor else 0,
            # How many cells have been joined yet is chance: each then has three namespaces and two files of counters.
            # So is how many of them have a cgroup that waits for the next box: with 11 figures and, in at most four
            # hierarchies, two files each.
            "executor descriptors": sum(descriptors(p, but="socket:|" + CGROUP_FILES) for p in own) - of_cells,
            "descriptors of cells": max(0, of_cells - 5 * cells),
            "descriptors of cgroups": max(0, sum(descriptors(p, CGROUP_FILES) for p in own) - 19 * len(boxes)),
            # A worker keeps one connection, and which of them (2 status workers too) have had a request yet is
            # chance, as is the number of spare launchers, up to one per slot, and of cells. 3: the listener, and the
            # channel between supervisor and child, both ends.
            "executor connections": max(0, sum(descriptors(p, "socket:") for p in own)
                                        - self.workers - 2 - 3 - self.slots - cells - self.pool_sockets),
            "box processes": sum(len(processes_of_uids(*r)) for r in self.uid_ranges()) - len(spare) if ROOT else 0,
            "workers": len(workers),
            "worker descriptors": max([descriptors(p) for p in workers] or [0]),
            "host mounts": mounts(),
            "executor mounts": sum(mounts(p) for p in own),
            "cgroups": len([path for path in cgroups if not re.match(CGROUP_FILES, path)]),
            # Those that the executor does not know; and those that it has forgotten to remove: each of the others is of a cell
            # or of a template.
            "cgroups of boxes": len(boxes - held) + max(0, len(held) - cells - templates),
            "files": sum(len(files) + len(dirs) for _, dirs, files in os.walk(self.dir)),
        }

    def start_counted(self, code="print(1)"):
        """start(), a first run, and what that has used up is there again: `baseline` is what no test may leave more than."""
        self.start()
        self.run(code)
        self.wait_full()
        self.baseline = self.rest()
        return self

    def rest(self, seconds=1.5, patience=60):
        """counts(), when nothing of it has changed for so long: the executor refills its pool when it has time."""
        counts, since = None, time.monotonic()

        def at_rest():
            nonlocal counts, since
            now = self.counts()
            if now != counts:
                counts, since = now, time.monotonic()
            return time.monotonic() - since >= seconds

        wait_until(at_rest, patience, 0.1, "a stack at rest")
        return counts

    def settle(self, before, timeout=30.0):
        """Waits until counts() is nowhere above `before`; AssertionError that lists what is."""
        grown = {}
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            now = self.counts()
            grown = {k: (before[k], now[k]) for k in now if now[k] > before[k]}
            if not grown:
                return now
            time.sleep(0.05)
        raise AssertionError("left behind (before, now): %s; processes: %s" % (grown, self.describe_processes()))

    def describe_processes(self):
        table = process_table()
        return ["%d %s %s" % (p, *table[p][1:]) for p in descendants(*[q.pid for q in self.processes.values()])
                if p in table]
