import asyncio


async def main():
    import aiohttp  #! python.import.http-library
    async with aiohttp.ClientSession() as session:
        async with session.get("https://example.invalid/c2") as reply:
            print(await reply.text())


asyncio.run(main())
