"""nginx-conf/examples/nodes.conf as shipped: nginx on one host, workers with their executors on two others.

Hosts are network namespaces (tests/support/hosts.py); the addresses and ports are those of the file.
"""

import itertools
import json
import shutil
import tempfile
import threading
import time

import pytest

from hosts import Front, Network, Node
from sites import Certificates, Site
from stack import wait_until

pytestmark = pytest.mark.needs_root
A, B = "192.0.2.11", "192.0.2.12"
numbers = itertools.count()


class Cluster:
    def __init__(self, network, directory):
        self.network = network
        certificates = Certificates(directory)
        self.front = Front(network.front, {"/etc/ssl/sandgate": directory}, "nodes.conf")
        self.nodes = {address: Node(host, address, slots=4, queue=4, start="cold", languages=("python",))
                      for address, host in network.hosts.items()}
        self.site = Site("nodes.sandgate.example", 443, certificates, connect=lambda: network.front.connect("127.0.0.1", 443))

    def start(self):
        for one in (*self.nodes.values(), self.front):
            one.start()
        for address in self.nodes:
            self.wait_ready(address)

    def stop(self):
        for one in (self.front, *self.nodes.values()):
            one.stop()

    def metric(self, address, name):
        """A figure of that node's executor, by way of nginx; None while there is none."""
        answer = self.site.get("/nodes/%s/metrics" % address)
        lines = answer.body.decode().splitlines() if answer.status == 200 else []
        return next((float(line.split()[-1]) for line in lines if line.startswith(name + "{")), None)

    def wait_ready(self, address):
        wait_until(lambda: self.metric(address, "sandgate_engine_ready") == 1, 60, 0.1, address + " to be ready")

    def post(self, code="print(1)", **fields):
        return self.site.run(code, **fields)

    def statuses(self, answer):
        """What workers of A and B have said of it, as their logs tell."""
        request = answer.headers["X-Request-Id"]
        return [node.answered(request) for node in self.nodes.values()]


@pytest.fixture(scope="module")
def cluster():
    try:
        network = Network([A, B])
    except OSError as e:
        pytest.skip("no hosts of network namespaces here: %s" % e)
    directory = tempfile.mkdtemp(prefix="sandgate-tls-")
    one = Cluster(network, directory)
    try:
        one.start()
        yield one
    finally:
        one.stop()
        network.stop()
        shutil.rmtree(directory)


class Load:
    """Clients that post one program after the other, each with something of its own to print."""

    def __init__(self, cluster, clients):
        self.cluster, self.stopped = cluster, threading.Event()
        self.done = []  # (begun, number, answer)
        self.threads = [threading.Thread(target=self.client) for _ in range(clients)]

    def client(self):
        while not self.stopped.is_set():
            number, begun = next(numbers), time.monotonic()
            answer = self.cluster.post("import time\ntime.sleep(0.2)\nprint(%d)" % number)
            self.done.append((begun, number, answer))

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        for thread in self.threads:
            thread.join()

    def answered_by(self, address):
        node = self.cluster.nodes[address]
        return [d for d in list(self.done) if 200 in node.answered(d[2].headers["X-Request-Id"])]


def test_answers(cluster):
    """Both nodes are used, small documents come from any of them, figures from each, and only here."""
    with Load(cluster, 4) as load:
        wait_until(lambda: load.answered_by(A) and load.answered_by(B), 30, what="runs on both")
    for path in ("/health", "/ready", "/version", "/v1/runtimes", "/v1/limits", "/openapi.json"):
        assert cluster.site.get(path).status == 200, path
    assert cluster.metric(A, "sandgate_executor_runs_total") > 0
    for path in ("/metrics", "/nodes/192.0.2.13/metrics"):
        cluster.site.get(path).refusal(404, "not_found")
    connect, cluster.site.connect = cluster.site.connect, lambda: cluster.network.hosts[A].connect(Network.FRONT, 443)
    try:
        cluster.site.get("/nodes/%s/metrics" % A).refusal(403, "forbidden")
    finally:
        cluster.site.connect = connect
    assert cluster.site.post(b" " * (5 << 20)).refusal(413, "body_too_large")


def test_a_node_is_killed_under_load(cluster):
    """What it had is lost, and is not run again; everything else is answered, by the other one. Then it comes back."""
    cluster.front.reload_nginx()
    node = cluster.nodes[B]
    sleeping = [cluster.site.begin("import time\ntime.sleep(20)\nprint('slept')") for _ in range(4)]
    wait_until(lambda: cluster.metric(A, "sandgate_slots_used") == 2 and cluster.metric(B, "sandgate_slots_used") == 2, what="two on each")
    with Load(cluster, 4) as load:
        wait_until(lambda: load.answered_by(B), 30, what="a run on the node")
        node.kill()
        killed, count = time.monotonic(), len(load.done)
        wait_until(lambda: len(load.done) >= count + 25, 60, what="runs after that")
        node.start_again()
        again = time.monotonic()
        wait_until(lambda: [d for d in load.answered_by(B) if d[0] > again], 60, what="a run on the node that is back")
    lost = [d for d in load.done if d[2].status != 200]
    assert all(begun < killed for begun, _, _ in lost), lost
    for _, _, answer in lost:
        assert answer.refusal(502, "worker_unreachable")["retryable"] and answer.headers["Retry-After"] == "1"
    for _, number, answer in load.done:
        assert answer.status != 200 or answer.json["stdout"] == "%d\n" % number
    assert all(sum(cluster.statuses(d[2]), []).count(200) <= (d[2].status == 200) for d in load.done)
    heads = [read_all(s) for s in sleeping]
    assert sorted(status for status, _ in heads) == [200, 200, 502, 502]
    for status, doc in heads:
        assert (doc["stdout"] == "slept\n") if status == 200 else (cluster.nodes[A].answered(doc["request_id"]) == []), doc
    cluster.wait_ready(B)


def read_all(s):
    """(status, document) of an answer that ends with its connection."""
    with s:
        data = b"".join(iter(lambda: s.recv(65536), b""))
    head, body = data.split(b"\r\n\r\n", 1)
    return int(head.split()[1]), json.loads(body)


def test_a_node_without_its_executor(cluster):
    """Its workers say 503, which means that nothing was run: the other node is asked, whatever is in the request."""
    cluster.nodes[B].stop_process("executor")
    try:
        answers = [cluster.post(code="#" * 600000 + "\nprint(%d)" % i) for i in range(6)]
        assert [a.json["stdout"] for a in answers] == ["%d\n" % i for i in range(6)]
        assert [[200], [503]] in [cluster.statuses(a) for a in answers]
        stream = cluster.site.post({"language": "python", "validate": False, "code": "print(7)"}, headers={"Accept": "text/event-stream"})
        assert stream.status == 200 and b'"data":"7\\n"' in stream.body
    finally:
        cluster.nodes[B].start_executor()
    cluster.wait_ready(B)


def test_no_node_has_an_executor(cluster):
    """The nodes' own answer, however often: not "no live upstreams"."""
    for node in cluster.nodes.values():
        node.stop_process("executor")
    try:
        for _ in range(10):
            answer = cluster.post()
            assert answer.problem()["code"] == "executor_unreachable" and answer.headers.get_all("Retry-After") == ["1"], answer
        assert cluster.site.get("/ready").status == 503
    finally:
        for node in cluster.nodes.values():
            node.start_executor()
    for address in cluster.nodes:
        cluster.wait_ready(address)
    wait_until(lambda: cluster.post().status == 200, 20, what="runs again")


def test_overload(cluster):
    """Both are asked, both are full, and that is what they say, however often: being full does not make them failing nodes."""
    cluster.front.reload_nginx()  # which forgets who has failed
    held = []
    try:
        for _ in range(16):
            held.append(cluster.site.begin("import time\ntime.sleep(60)"))
        wait_until(lambda: [cluster.metric(a, "sandgate_queue_length") for a in (A, B)] == [4, 4], 9, what="two full queues")
        answers = [cluster.post() for _ in range(6)]
    finally:
        for s in held:
            s.close()
    for answer in answers:
        assert answer.problem()["code"] == "busy" and int(answer.headers["Retry-After"]) >= 1, answer
    assert [[503], [503]] in [cluster.statuses(a) for a in answers]
    wait_until(lambda: [cluster.metric(a, "sandgate_slots_used") for a in (A, B)] == [0, 0], 20, what="the end of all")
    assert cluster.post().status == 200


def test_an_executor_is_killed_in_a_run(cluster):
    """The run is lost, and its answer is not a 503: it does not begin anew on the other node."""
    used = [cluster.metric(address, "sandgate_executor_runs_total") for address in (A, B)]
    with cluster.site.begin("import time\ntime.sleep(60)") as s:
        wait_until(lambda: sum(cluster.metric(address, "sandgate_slots_used") or 0 for address in (A, B)) == 1, what="its start")
        (node,) = [cluster.nodes[a] for a, runs in zip((A, B), used) if cluster.metric(a, "sandgate_executor_runs_total") > runs]
        node.kill_executor()
        status, doc = read_all(s)
    assert (status, doc["code"]) == (502, "executor_lost"), doc
    logged = wait_until(lambda: node.answered(doc["request_id"]), what="the log's line")
    assert logged == [502] and sum((n.answered(doc["request_id"]) for n in cluster.nodes.values()), []) == [502]
    for address in cluster.nodes:
        cluster.wait_ready(address)


def test_a_node_is_unplugged(cluster):
    """Nobody refuses there: nginx gives up after its connect time-out, and asks the other one."""
    cluster.network.unplug(B)
    try:
        assert [cluster.post().status for _ in range(6)] == [200] * 6
        cluster.site.get("/nodes/%s/metrics" % B).problem()
    finally:
        cluster.network.plug_in(B)
    cluster.wait_ready(B)
