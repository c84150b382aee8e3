import asyncio


class Ticker:
    def __init__(self, n):
        self.n = n

    def __aiter__(self):
        return self

    async def __anext__(self):
        if self.n == 0:
            raise StopAsyncIteration
        self.n -= 1
        await asyncio.sleep(0)
        return self.n


async def limited(sem, n):
    async with sem:
        await asyncio.sleep(0.01)
        return n * 2


async def main():
    sem = asyncio.Semaphore(2)
    print(await asyncio.gather(*(limited(sem, n) for n in range(5))))
    print([x async for x in Ticker(4)])
    try:
        await asyncio.wait_for(asyncio.sleep(5), timeout=0.01)
    except asyncio.TimeoutError:
        print("timeout")


asyncio.run(main())
