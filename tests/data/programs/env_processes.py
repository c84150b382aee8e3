# Its place among processes.
# tiers
import os
print(os.getpid(), os.getppid(), os.getpgid(0), os.getpgrp(), os.getsid(0))
print(sorted(n for n in os.listdir("/proc") if n.isdigit()))
for attempt in (lambda: os.getpgid(1), lambda: os.getsid(1), os.setsid, lambda: os.setpgid(0, 0), lambda: os.tcgetpgrp(0), os.wait, lambda: os.waitpid(-1, os.WNOHANG), lambda: os.waitpid(1, 0), lambda: os.getpriority(os.PRIO_PROCESS, 1), lambda: open("/dev/tty"), lambda: os.get_terminal_size(), os.ctermid):
    try:
        print(attempt())
    except OSError as error:
        print(error.errno, error.strerror)
