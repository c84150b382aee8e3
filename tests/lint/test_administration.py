"""docs/ADMINISTRATION.md against what `sandgate doctor` looks at."""

import re

from source import read

PAGE = read("docs", "ADMINISTRATION.md")


def test_every_check_is_named_in_its_order():
    checks = re.findall(r'^    \{"(\w+\.\w+)", sg_check_', read("fcgi", "doctor", "doctor.c"), re.M)
    assert len(checks) > 35
    assert re.findall(r"^\| `(\w+\.\w+)` \| [^|]* \|$", PAGE, re.M) == checks


def test_settings_are_those_that_are_advised():
    advised = re.findall(r'^    \{"([\w.]+)", (\d), "([^"]*)"\},$', read("fcgi", "doctor", "host.c"), re.M)
    assert len(advised) > 5
    assert re.findall(r"^\| `([\w.]+)` \| (\d) \| (.*) \|$", PAGE, re.M) == advised


def test_selinux_has_both_names_of_run():
    """semanage refuses the one that its policy has an equivalency for: on Enterprise Linux 9 that is /run."""
    commands = re.findall(r"^semanage fcontext -a -t httpd_var_run_t '([^']*)'", PAGE, re.M)
    assert commands == ["/var/run/sandgate(/.*)?"]
    assert "'/run/sandgate(/.*)?'" in PAGE


def test_states_are_those_of_the_doctor():
    (names,) = re.findall(r"names\[\] = \{([^}]*)\};", read("fcgi", "doctor", "doctor.c"))
    for name in re.findall(r'"(\w+)"', names):
        assert "\n| `%s` | " % name in PAGE and "\n.It Cm %s\n" % name in read("docs", "man", "sandgate.1")
