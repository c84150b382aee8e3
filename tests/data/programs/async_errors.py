# Errors of tasks, some never looked at.
import asyncio
async def fail():
    raise ValueError("in a task")
async def main():
    t = asyncio.create_task(fail())
    await asyncio.sleep(0)
    del t
    async with asyncio.TaskGroup() as group:
        group.create_task(fail())
try:
    asyncio.run(main())
except* ValueError as group:
    print(group.exceptions)
async def forgotten(): pass
forgotten()
asyncio.run(fail())
