# Making processes is refused, in the same words.
# tiers
import os, subprocess, multiprocessing, asyncio, pty
async def run():
    await asyncio.create_subprocess_exec("/usr/bin/true")
for name, attempt in (("fork", os.fork), ("run", lambda: subprocess.run(["true"])), ("shell", lambda: subprocess.check_output("true", shell=True)), ("absent", lambda: subprocess.run(["no-such-program"])),
                      ("system", lambda: os.system("true")), ("popen", lambda: os.popen("true").read()), ("spawn", lambda: os.spawnv(os.P_WAIT, "/usr/bin/true", ["true"])), ("posix_spawn", lambda: os.posix_spawn("/usr/bin/true", ["true"], {})),
                      ("forkpty", os.forkpty), ("pty", lambda: pty.spawn(["true"])), ("asyncio", lambda: asyncio.run(run())), ("execv", lambda: os.execv("/usr/bin/true", ["true"])), ("execve", lambda: os.execve("/usr/bin/true", ["true"], {})),
                      ("execvp", lambda: os.execvp("true", ["true"])), ("fexecve", lambda: os.execve(os.open("/usr/bin/true", os.O_RDONLY), ["true"], {}))):
    try:
        print(name, attempt())
    except OSError as error:
        print(name, type(error).__name__, error)
