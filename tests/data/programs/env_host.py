# The machine's names.
import os, socket, platform
u = os.uname()
print(u.sysname, u.nodename, u.machine, socket.gethostname(), platform.node(), platform.python_implementation(), platform.libc_ver())
print(os.sysconf("SC_PAGE_SIZE"), os.sysconf("SC_CLK_TCK"), os.confstr("CS_PATH"), os.pathconf("/work", "PC_NAME_MAX"))
