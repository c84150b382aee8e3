"""What the benchmarks share: what is compared, clients, memory of processes, growth, the table."""

import concurrent.futures
import http.client
import json
import os
import signal
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "support"))

from stack import wait_until  # noqa: E402

PYTHON = "/usr/bin/python3"
ENV = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC", "HOME": "/tmp", "PYTHONDONTWRITEBYTECODE": "1",
       "PYTHONNOUSERSITE": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
# All namespaces, a read-only /usr, private /proc, /dev and /tmp: what a box has, without filter, cgroup and limits.
BWRAP = ["/usr/bin/bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--ro-bind", "/usr", "/usr",
         "--ro-bind", "/etc/alternatives", "/etc/alternatives", "--ro-bind", "/etc/ld.so.cache", "/etc/ld.so.cache",
         "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64", "--symlink", "usr/bin", "/bin",
         "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--chdir", "/tmp"]
NUMPY = "import numpy as np\nprint(np.mean([1, 2, 3, 4, 5]))"
MB = 1024 * 1024


def spawn(argv, expected, env=ENV):
    """Seconds from start to end of a program whose stdout is checked."""
    read, write = os.pipe2(os.O_CLOEXEC)
    begin = time.perf_counter()
    pid = os.posix_spawn(argv[0], argv, env, file_actions=[(os.POSIX_SPAWN_DUP2, write, 1)])
    os.close(write)
    try:
        with os.fdopen(read, "rb") as f:
            out = f.read()
        _, status = os.waitpid(pid, 0)
    except BaseException:  # ended early: it is not to go on without us
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        raise
    took = time.perf_counter() - begin
    assert (status, out) == (0, expected), (argv, status, out)
    return took


def run_body(code, validate=False, **fields):
    return json.dumps({"language": "python", "validate": validate, "code": code, **fields})


class Client:
    """One connection to nginx that stays open, for runs and for empty requests alike."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=180)

    def request(self, method, path, body=None):
        begin = time.perf_counter()
        self.connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
        response = self.connection.getresponse()
        text = response.read()
        return time.perf_counter() - begin, response.status, text

    def again(self):
        """A connection that is open and has been used, after a pause in which nginx may have closed it."""
        self.connection.close()
        self.empty()

    def empty(self):
        took, status, _ = self.request("GET", "/version")
        assert status == 200
        return took

    def run(self, code, expected, validate=False, **fields):
        """expected: what is printed; None: whatever that is."""
        took, status, text = self.request("POST", "/v1/execute", run_body(code, validate, **fields))
        doc = json.loads(text)
        assert status == 200 and expected in (None, doc.get("stdout")), text
        return took, doc


def memory(pid):
    """{"rss": bytes, "pss": bytes, "private": bytes} of a process."""
    found = {"rss": 0, "pss": 0, "private": 0}
    with open("/proc/%d/smaps_rollup" % pid) as f:
        for line in f:
            name = line.split(":")[0].lower()
            if name.startswith("private_"):
                name = "private"
            if name in found:
                found[name] += int(line.split()[1]) * 1024
    return found


def private_bytes(pid):
    return memory(pid)["private"]


def percentile(values, percent):
    values = sorted(values)
    return values[min(len(values) - 1, len(values) * percent // 100)]


class Report:
    def __init__(self):
        self.rows, self.good = [], True

    def add(self, what, value, bound=None, note="", least=None):
        """bound: at most; least: at least."""
        kept = (bound is None or value <= bound) and (least is None or value >= least)
        self.good = self.good and kept
        limit = "<= %.2f" % bound if bound is not None else ">= %.2f" % least if least is not None else ""
        self.rows.append((what, "%.2f" % (round(value, 2) + 0.0), limit, "" if not limit else "ok" if kept else "NOT KEPT", note))

    def absent(self, what, text, note=""):
        """There is nothing to be measured, and why."""
        self.rows.append((what, text, "", "", note))

    def title(self, text):
        self.rows.append(("", "", "", "", ""))
        self.rows.append((text, "", "", "", ""))

    def print(self):
        width = max([58] + [len(row[0]) for row in self.rows if row[1]])
        print("\n%-*s %10s %10s  %-8s %s" % (width, "what", "value", "bound", "", "note"))
        for what, *row in self.rows:
            print(("%-*s %10s %10s  %-8s %s" % (width, what, *row)).rstrip())


def progress(text):
    print("bench: " + text, file=sys.stderr, flush=True)


def counts_at_rest(stack):
    """Twice the same, a quarter of a second apart, when that comes to be: what is prepared ahead is there again."""
    time.sleep(0.5)
    seen = [stack.counts()]

    def same():
        seen.append(stack.counts())
        return seen[-1] == seen[-2]

    try:
        wait_until(same, timeout=5, every=0.25, what="the same counts twice")
    except AssertionError as e:
        progress(str(e))
    return seen[-1]


def measure_growth(stack, requests, report, batch, more=dict, clients=4, last=1):
    """Memory and counts after a tenth of the requests, and after all; with last, the least of so many samples at either
    end, where memory goes up and down with what has just been run.

    batch(n) sends n requests one after the other; more() gives {what: (bytes, MB that it may grow)}.
    """
    step = max(clients, requests // 10)
    samples = []
    for done in range(step, requests + 1, step):
        with concurrent.futures.ThreadPoolExecutor(clients) as pool:
            for future in [pool.submit(batch, step // clients) for _ in range(clients)]:
                future.result()
        counts = counts_at_rest(stack)
        sizes = {"executor's private memory": (private_bytes(stack.executor_child()), 0.25),
                 "largest worker's private memory": (max(map(private_bytes, stack.worker_pids())), 0.25), **more()}
        samples.append((sizes, sum(counts.values()), counts))
        progress("%d of %d requests: %s; processes, descriptors, mounts, cgroups and files %d" % (
            done, requests, ", ".join("%s %.2f MB" % (name, size / MB) for name, (size, _) in sizes.items()),
            samples[-1][1]))
    note = "from %d to %d requests" % (step, requests)
    begin, end = samples[:last], samples[-last:]
    for name, (_, bound) in samples[0][0].items():
        before, after = ([sizes[name][0] for sizes, _, _ in some if name in sizes] for some in (begin, end))
        if after:
            report.add("growth of the %s, MB" % name, (min(after) - min(before)) / MB, bound, note)
    first, least = (min(some, key=lambda sample: sample[1]) for some in (begin, end))
    grown = {k: (first[2][k], v) for k, v in least[2].items() if v > first[2][k]}
    report.add("growth of processes, descriptors, mounts, cgroups, files", max(0, least[1] - first[1]), 0,
               str(grown) if grown else note)
