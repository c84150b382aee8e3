import asyncio as aio


async def main():
    p = await aio.create_subprocess_shell("id")  #! python.process-pool
    await p.wait()


aio.run(main())
