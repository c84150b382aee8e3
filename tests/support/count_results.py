#!/usr/bin/python3
"""count_results.py TREE RESULTS ALLOWED: sums make check (cmocka's TAP, or one case per program), pytest and the
parts of ./check, names what failed or was skipped, and prints "N passed, N failed, N skipped" as the last line."""

import glob
import os
import re
import sys
import xml.etree.ElementTree as xml


def unit_tests(tree):
    """(name, "pass" | "fail" | "skip", reason) of each case of make check."""
    for trs in sorted(glob.glob(os.path.join(tree, "tests", "**", "*.trs"), recursive=True)):
        name = os.path.relpath(trs, tree)[:-4]
        with open(trs) as f:
            result = re.search(r":test-result: (\w+)", f.read()).group(1)
        cases = list(tap_cases(name, trs[:-4] + ".log"))
        yield from cases
        known_bad = any(outcome == "fail" for _, outcome, _ in cases)
        if result == "SKIP":
            yield name, "skip", "exit status 77"
        elif result != "PASS" and not known_bad:
            yield name, "fail", "the program ended badly"
        elif not cases:
            yield name, "pass", ""


def tap_cases(name, log):
    with open(log, errors="replace") as f:
        for line in f:
            match = re.match(r"(not )?ok \d+ *-? *(.*)", line)
            if match:
                # cmocka 1.1.7 writes "not ok 3 # SKIP name".
                skip = re.match(r"(.*?)# SKIP\s*(.*)", match.group(2), re.I)
                text = (skip.group(1) or skip.group(2) if skip else match.group(2)).strip()
                yield "%s: %s" % (name, text), "skip" if skip else "fail" if match.group(1) else "pass", \
                    "skipped by itself" if skip else ""


def python_tests(path):
    if not os.path.exists(path):
        yield "pytest", "fail", "it wrote no results"
        return
    count = 0
    for case in xml.parse(path).getroot().iter("testcase"):
        count += 1
        name = "%s::%s" % (case.get("classname"), case.get("name"))
        skipped = case.find("skipped")
        bad = case.find("failure") is not None or case.find("error") is not None
        yield name, "fail" if bad else "skip" if skipped is not None else "pass", \
            skipped.get("message", "") if skipped is not None else ""
    if not count:
        yield "pytest", "fail", "no tests were found"


def parts(path):
    with open(path) as f:
        for line in f:
            outcome, name = line.rstrip("\n").split(" ", 1)
            yield name, outcome, ""


def allowed_skips(path):
    """Parts of names, from lines "user|any NAME reason"; those for an ordinary user count for nobody else."""
    with open(path) as f:
        rows = [line.split() for line in f if line.strip() and not line.startswith("#")]
    return [name for who, name, *_ in rows if who == "any" or os.geteuid() != 0]


def main(tree, results, allowed):
    names = allowed_skips(allowed)
    totals = {"pass": 0, "fail": 0, "skip": 0}
    unit = list(unit_tests(tree))
    if not unit:
        unit = [("make check", "fail", "it left no results")]
    every = unit + list(python_tests(os.path.join(results, "pytest.xml"))) + \
        list(parts(os.path.join(results, "parts")))
    for name, outcome, reason in every:
        if outcome == "skip":
            print("SKIP %s: %s" % (name, reason))
            if not any(part in name for part in names):
                print("FAIL %s: skipped, but not listed in tests/allowed-skips" % name)
                outcome = "fail"
        elif outcome == "fail":
            print("FAIL %s%s" % (name, ": " + reason if reason else ""))
        totals[outcome] += 1
    print("%(pass)d passed, %(fail)d failed, %(skip)d skipped" % totals)
    return 1 if totals["fail"] else 0


sys.exit(main(*sys.argv[1:]))
