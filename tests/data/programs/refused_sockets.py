# Sockets are refused.
import socket, urllib.request, asyncio, http.client
async def serve():
    await asyncio.start_server(print, "127.0.0.1", 0)
for name, attempt in (("inet", socket.socket), ("inet6", lambda: socket.socket(socket.AF_INET6)), ("unix", lambda: socket.socket(socket.AF_UNIX)), ("netlink", lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)),
                      ("connect", lambda: socket.create_connection(("127.0.0.1", 80), 1)), ("name", lambda: socket.getaddrinfo("localhost.example", 80)), ("localhost", lambda: socket.gethostbyname("localhost")),
                      ("url", lambda: urllib.request.urlopen("http://127.0.0.1/")), ("server", lambda: asyncio.run(serve())), ("socketpair", lambda: [s.family.name for s in socket.socketpair()]), ("interfaces", socket.if_nameindex)):
    try:
        print(name, attempt())
    except OSError as error:
        print(name, type(error).__name__, error)
