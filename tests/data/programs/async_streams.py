# Streams of a pair of sockets, pipes of the loop.
import asyncio, socket, os
async def main():
    a, b = socket.socketpair()
    reader, writer = await asyncio.open_connection(sock=a)
    _, other = await asyncio.open_connection(sock=b)
    other.write(b"ping\n")
    print(await reader.readline())
    loop = asyncio.get_running_loop()
    try:
        r = asyncio.StreamReader()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(r), os.fdopen(0, "rb", closefd=False))
    except (ValueError, OSError) as error:
        print(type(error).__name__, error)
asyncio.run(main())
