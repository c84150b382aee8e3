"""Network: reaching anything, listening, families nobody needs, channels that are no sockets at first sight."""

from table import Attack, table

ATTACKS = table(
    "network",
    Attack("tcp_to_host", "connects to a server on the host", off="seccomp,net_ns,landlock", program="""
        import socket
        with refusal():
            s = socket.create_connection(("127.0.0.1", @TCP_PORT@), 2)
            text = s.recv(100)
        escaped("the host's server says %r" % text)
    """),
    Attack("udp_to_host", "sends a datagram out of the box", off="seccomp,net_ns", program="""
        import socket
        with refusal():
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            s.settimeout(1)
            s.sendto(b"hello", ("127.0.0.1", @UDP_PORT@))
            text = s.recv(100)
        escaped("an answer came: %r" % text)
    """),
    Attack("dns_query", "asks a name server", off="seccomp,net_ns", program="""
        import socket
        query = struct.pack(">6H", 7, 0x100, 1, 0, 0, 0) + b"\\x07example\\x03com\\x00" + struct.pack(">2H", 1, 1)
        with refusal():
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            s.settimeout(1)
            s.connect(("127.0.0.1", @UDP_PORT@))
            s.send(query)
            text = s.recv(512)
        escaped("the name server answered %d bytes" % len(text))
    """),
    Attack("metadata_address", "finds a way to the cloud's metadata service", off="seccomp,net_ns",
           needs=("DEFAULT_ROUTE",), program="""
        import socket
        with refusal():
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            s.connect(("169.254.169.254", 80))  # looks up the route; sends nothing
        escaped("a route to 169.254.169.254 from %s" % s.getsockname()[0])
    """),
    Attack("raw_socket", "makes packets of its own", off="seccomp,capabilities", program="""
        import socket
        with refusal():
            s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        escaped("a raw socket, descriptor %d" % s.fileno())
    """),
    Attack("packet_socket", "listens to the wire", off="seccomp,capabilities", program="""
        import socket
        with refusal():
            s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        escaped("a packet socket, descriptor %d" % s.fileno())
    """),
    Attack("netlink_routes", "reads addresses and routes by netlink", off="seccomp", program="""
        import socket
        with refusal():
            s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
            s.bind((0, 0))
            s.send(struct.pack("IHHII", 17, 18, 0x301, 1, 0) + b"\\0")  # RTM_GETLINK, dump
            text = s.recv(65536)
        escaped("%d bytes about interfaces" % len(text))
    """),
    Attack("netfilter", "reaches the packet filter in namespaces of its own (CVE-2024-1086's way in)", off="seccomp",
           program="""
        import socket
        with refusal():
            call("unshare", 0x10000000 | 0x40000000)  # user and network
            s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)
        escaped("a netfilter socket with all capabilities over its network")
    """),
    Attack("abstract_socket", "reaches an abstract socket of the host (CVE-2020-15257)", off="seccomp,net_ns,landlock",
           program="""
        import socket
        with refusal():
            s = socket.socket(socket.AF_UNIX)
            s.connect("\\0@ABSTRACT@")
            text = s.recv(100)
        escaped("the host's server says %r" % text)
    """),
    Attack("abstract_by_socketpair", "sends to an abstract socket from half of a socketpair",
           off="seccomp,net_ns,landlock", program="""
        import socket
        with refusal():
            a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
            a.sendto(b"hello", "\\0@ABSTRACT@-dgram")
        escaped("a datagram to the host, without socket()")
    """, observe=lambda world: world.datagram_came()),
    Attack("host_unix_socket", "talks to a service of the host by its socket's path", off="seccomp,close_fds",
           program="""
        import socket
        def talk(path):
            s = socket.socket(socket.AF_UNIX)
            s.connect(path)
            return s.recv(100)
        with refusal():
            text = first(ways("@SOCKET_PATH@"), talk)
        escaped("the host's service says %r" % text)
    """),
    Attack("container_sockets", "looks for sockets of Docker, containerd and of ours", off="close_fds,landlock",
           program="""
        found = []
        for place in ("/run", "/var/run", os.path.dirname("@SOCKET_PATH@")):
            for path in ways(place):
                try:
                    found += [path + "/" + n for n in os.listdir(path)]
                except OSError:
                    pass
        if not found:
            contained("no directory of sockets in the box")
        escaped("%d names, among them %s" % (len(found), found[:3]))
    """),
    Attack("listen", "waits for connections", off="seccomp,landlock", program="""
        import socket
        with refusal():
            s = socket.socket()
            s.bind(("0.0.0.0", 0))
            s.listen()
        escaped("listens on port %d" % s.getsockname()[1])
    """),
    Attack("odd_families", "makes a socket of a family that nobody needs", off="seccomp", program="""
        import socket
        made, errors = [], set()
        for family in range(0, 46):
            for kind in (1, 2, 3, 5):
                try:
                    made.append((family, kind, socket.socket(family, kind)))
                except OSError as error:
                    errors.add(error.strerror)
        if not made:
            contained("46 families refused: %s" % errors)
        escaped("families %s" % sorted({f for f, _, _ in made}))
    """),
    Attack("io_uring_socket", "makes a socket by io_uring, past filters of socket()", off="seccomp,rlimits",
           needs=("IO_URING",), program="""
        parameters = ctypes.create_string_buffer(120)
        with refusal():
            ring = call("io_uring_setup", 4, parameters)
            entries, cq_entries = struct.unpack_from("II", parameters, 0)
            head, tail, mask, count, flags, dropped, array = struct.unpack_from("7I", parameters, 40)
            c_head, c_tail, c_mask, c_count, c_over, cqes = struct.unpack_from("6I", parameters, 80)
            sq = mmap.mmap(ring, max(array + 4 * entries, cqes + 16 * cq_entries), offset=0)
            sqes = mmap.mmap(ring, 64 * entries, offset=0x10000000)
            sqes[0:64] = struct.pack("BBHiQQII", 45, 0, 0, 2, 1, 0, 0, 0) + bytes(32)  # SOCKET: inet, stream
            sq[array:array + 4] = struct.pack("I", 0)
            sq[tail:tail + 4] = struct.pack("I", 1)
            call("io_uring_enter", ring, 1, 1, 1, None, 0)
        result = struct.unpack_from("i", sq, cqes + 8)[0]
        if result < 0:
            contained("the ring says %s" % os.strerror(-result))
        escaped("socket %d without socket()" % result)
    """),
    Attack("interfaces", "sees the host's network interfaces and counters", off="net_ns", program="""
        lines = read("/proc/self/net/dev").decode().splitlines()[2:]
        names = [line.split(":")[0].strip() for line in lines]
        if names == ["lo"] and not any(int(n) for n in lines[0].split(":")[1].split()):
            contained("only lo, and nothing was ever sent")
        escaped("interfaces %s" % names)
    """),
    Attack("socketpair_inet", "makes a pair of another family", off="seccomp", program="""
        import socket
        made = []
        for family, kind in ((1, 2), (1, 5), (30, 1), (30, 5)):  # unix datagram, seqpacket, TIPC
            try:
                made.append(socket.socketpair(family, kind))
            except OSError as error:
                last = error
        if not made:
            contained(last)
        escaped("%d pairs that can be addressed" % len(made))
    """),
    Attack("shared_memory_channel", "shares memory with the host by System V", off="seccomp,ipc_ns",
           needs=("SHM_ID",), program="""
        with refusal():
            address = call("shmat", @SHM_ID@, 0, 0o10000)  # read-only
        escaped("the host's segment says %r" % ctypes.string_at(address, 8))
    """),
)
