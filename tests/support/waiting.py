"""Waiting for what comes by itself."""

import time


def wait_until(check, timeout=20.0, every=0.02, what="condition"):
    """Calls check() until it is true, and gives its value; AssertionError after timeout seconds."""
    end = time.monotonic() + timeout
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError("timed out after %.1f s waiting for: %s" % (timeout, what))
        time.sleep(every)
