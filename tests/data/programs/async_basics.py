# asyncio: tasks, gather, timeouts, threads, a debug message.
# tiers
import asyncio, time
async def work(n):
    await asyncio.sleep(0.01)
    return n * 2
async def main():
    print(await asyncio.gather(*[work(n) for n in range(5)]))
    try:
        async with asyncio.timeout(0.01):
            await asyncio.sleep(5)
    except TimeoutError as error:
        print("timeout", repr(error))
    print(await asyncio.to_thread(lambda: 7), type(asyncio.get_running_loop()).__name__, asyncio.current_task().get_name())
    async with asyncio.TaskGroup() as group:
        t = group.create_task(work(9))
    print(t.result())
asyncio.run(main())
print(type(asyncio.get_event_loop_policy()).__name__)
asyncio.get_event_loop()
