"""Result forgery: saying something false about the run by way of what the box is made of."""

from table import Attack, table

ATTACKS = table(
    "result forgery",
    Attack("inherited_descriptors", "writes to descriptors of the executor", off="close_fds", program="""
        found = descriptors()
        if not found:
            contained("nothing open beyond stdio")
        for fd in found:
            try:
                os.write(fd, b'{"exit_code": 0}')
            except OSError:
                pass
        print(flush=True)
        escaped("descriptors %s" % {fd: os.readlink("/proc/self/fd/%d" % fd) for fd in found})
    """),
    Attack("stdin_socket", "talks to whoever holds the other end of stdin", off="stdin_file", program="""
        mode = os.fstat(0).st_mode
        if stat.S_ISSOCK(mode):
            escaped("stdin is a socket")
        contained("stdin is %s" % stat.filemode(mode))
    """),
    Attack("event_of_pid_1", "sends the executor events of its own making", off="close_fds",
           contained=lambda a: a.doc.get("exit_code") == 7, succeeded=lambda a: a.doc.get("exit_code") != 7, program="""
        import socket
        for fd in descriptors():
            if stat.S_ISSOCK(os.fstat(fd).st_mode):
                s = socket.socket(fileno=fd)
                for size in range(16, 513, 8):
                    try:
                        s.send(struct.pack("IIiii", 4, 0, 0, 0, 42 << 8) + bytes(size - 20 if size > 20 else 0))
                    except OSError:
                        pass
        time.sleep(0.1)
        os._exit(7)
    """),
)
