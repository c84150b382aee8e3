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


def patiently(look, seconds=3):
    """Once more after some seconds, where it fails: of processes that begin and end by themselves, of which one has just begun."""
    try:
        look()
    except (AssertionError, OSError):
        time.sleep(seconds)
        look()
