"""tests/support/hosts.py: who has talked to a host is in its own network again, the first thread of a process, too."""

import os
import threading

import pytest
from hosts import Host

pytestmark = pytest.mark.needs_root


def network():
    return os.readlink("/proc/thread-self/ns/net")


@pytest.mark.parametrize("in_a_thread", [False, True])
def test_a_thread_comes_back(in_a_thread):
    seen = []

    def talk():
        before = network()
        with pytest.raises(OSError):
            host.connect("127.0.0.1", 9)
        seen.extend([before, network()])

    host = Host()
    try:
        if in_a_thread:
            thread = threading.Thread(target=talk)
            thread.start()
            thread.join()
        else:
            talk()
    finally:
        host.stop()
    assert len(seen) == 2 and seen[0] == seen[1]
