# One value each.
# tiers
for name in ("oom_score_adj", "oom_adj", "personality", "timerslack_ns", "coredump_filter", "loginuid", "sessionid", "timers", "autogroup", "cpuset", "timens_offsets", "setgroups", "projid_map", "attr/current", "wchan", "net/dev", "net/route", "syscall", "stack"):
    try:
        with open("/proc/self/" + name) as f:
            text = f.read()
        if name == "autogroup":
            text = text.split()[1:]
        if name == "syscall":
            text = text.split()[0]
        print(name, ascii(text))
    except OSError as error:
        print(name, error.strerror)
