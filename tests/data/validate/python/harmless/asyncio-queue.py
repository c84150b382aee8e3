import asyncio
import random


async def producer(queue, n):
    for i in range(n):
        await asyncio.sleep(random.random() / 100)
        await queue.put(i)
    await queue.put(None)


async def consumer(queue):
    total = 0
    while True:
        item = await queue.get()
        if item is None:
            break
        total += item
    return total


async def main():
    queue = asyncio.Queue(maxsize=3)
    _, total = await asyncio.gather(producer(queue, 10), consumer(queue))
    print("total", total)


asyncio.run(main())
