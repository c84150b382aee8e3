"""Commands by which documents have workers started: they can be typed as they stand, and fit the packages' settings."""

import os
import re
import subprocess

import pytest

from source import SOURCE, read

PAGES = {("docs", "INSTALL.md"): 2, ("docs", "NGINX.md"): 2, ("docs", "man", "sandgate-fcgi.8"): 1}
RECIPES = [(page[-1], line) for page in PAGES
           for line in re.findall(r"(?m)^(?:# )?(spawn-fcgi -.*)$", re.sub(r"\\e?\n\s*", "", read(*page)))]


def test_recipes_are_found():
    assert [name for name, _ in RECIPES] == [page[-1] for page, count in PAGES.items() for _ in range(count)]


@pytest.mark.parametrize("page, line", RECIPES)
def test_recipe(page, line):
    """spawn-fcgi and multiwatch look nothing up in PATH; multiwatch gives up what has ended three times, and workers are meant to end."""
    options, multiwatch, worker = re.fullmatch(r"(.*?) -- (.*?) -- (.*?)(?: &)?", line).groups()
    assert worker == "/usr/sbin/sandgate-fcgi"
    assert re.fullmatch(r"/usr/bin/multiwatch -f \d+ -r 1000000", multiwatch)
    user = re.search(r"^User=(\S+)$", read("packaging", "systemd", "worker.service.in"), re.M)[1]
    group = re.search(r"^SupplementaryGroups=(\S+)$", read("packaging", "systemd", "worker.service.in"), re.M)[1]
    assert 'peers = { "%s" }' % user in read("packaging", "service-settings.sed"), "whom the executor takes messages from"
    assert " -u %s -g %s" % (user, group) in options
    assert " -n " in options and bool(re.search(r" -s /run/sandgate/\w+\.sock -M 0660 -U \S+ -G \S+ | -a \S+ -p \d+ ", options))


def test_as_many_workers_as_the_target_has():
    target = re.sub(r"(?m)^#.*$", "", read("packaging", "systemd", "sandgate.target"))
    for pool, count in (("workers", len(re.findall(r"sandgate-fcgi@\d+", target))), ("status", len(re.findall(r"sandgate-status@\d+", target)))):
        found = [re.search(r"multiwatch -f (\d+)", line)[1] for _, line in RECIPES if "/%s.sock" % pool in line]
        assert found and set(found) == {str(count)}, pool


def test_workers_are_more_than_the_packages_settings_take():
    """As docs/INSTALL.md reckons: of one engine on eleven cores; of both on four they are not."""
    settings = subprocess.run(["sed", "-f", os.path.join(SOURCE, "packaging", "service-settings.sed"),
                               os.path.join(SOURCE, "packaging", "conf", "sandgate.conf")], capture_output=True, text=True, check=True).stdout
    queues = {engine: int(re.search(r"^%s \{.*?^    queue = (\d+)$.*?^\}" % engine, settings, re.M | re.S)[1]) for engine in ("native", "docker")}
    assert queues == {"native": 16, "docker": 16}
    workers = len(re.findall(r"sandgate-fcgi@\d+\.service", re.sub(r"(?m)^#.*$", "", read("packaging", "systemd", "sandgate.target"))))
    assert 2 * 11 + queues["native"] < workers <= 2 * 12 + queues["native"]
    both = 2 * 2 * 4 + sum(queues.values())
    assert both >= workers and "%d on four cores" % both in read("docs", "INSTALL.md")


def test_nodes_listen_where_nginx_asks():
    """By systemd and by spawn-fcgi."""
    wanted = sorted(set(re.findall(r"server 192\.0\.2\.11:(\d+)", read("nginx-conf", "examples", "nodes.conf"))))
    by_units = re.findall(r"^# /etc/systemd/system/sandgate-(?:fcgi|status)\.socket\.d/\S+\n\[Socket\]\nListenStream=\nListenStream=192\.0\.2\.11:(\d+)\n",
                          read("docs", "NGINX.md"), re.M)
    by_hand = [re.search(r" -a 192\.0\.2\.11 -p (\d+) ", line)[1] for page, line in RECIPES if page == "NGINX.md"]
    assert by_units == by_hand == wanted == ["9170", "9171"]
