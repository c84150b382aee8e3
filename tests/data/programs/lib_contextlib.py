# Redirections, suppressions, exit stacks.
import contextlib, io, sys
out = io.StringIO()
with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
    print("caught")
    print("caught too", file=sys.stderr)
print(ascii(out.getvalue()))
with contextlib.ExitStack() as stack:
    stack.callback(print, "callback")
    stack.enter_context(contextlib.suppress(ZeroDivisionError))
    1 / 0
print("after")
with contextlib.chdir("/tmp"):
    print(contextlib.os.getcwd() if hasattr(contextlib, "os") else "")
