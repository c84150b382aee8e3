# Fields of /proc/self/stat that are no counters, figures, addresses or flags.
text = open("/proc/self/stat").read()
name, rest = text[text.index("(") + 1:text.rindex(")")], text[text.rindex(")") + 2:].split()
print(name, len(rest))
for label, at in dict(state=0, ppid=1, pgrp=2, session=3, tty_nr=4, tpgid=5, children_minor=8, children_major=10, children_user=13, children_system=14, priority=15, nice=16, threads=17,
                      rss_limit=22, pending=28, blocked=29, ignored=30, caught=31, exit_signal=35, rt_priority=37, policy=38, guest=40, exit_code=49).items():
    print(label, rest[at])
