import asyncio


async def send(text):
    reader, writer = await asyncio.open_connection("192.0.2.1", 9000)  #! python.network-use
    writer.write(text.encode())
    await writer.drain()


asyncio.run(send("hello"))
