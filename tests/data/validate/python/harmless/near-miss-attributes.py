from types import SimpleNamespace

host = SimpleNamespace(os="linux", system="x", socket=3, exec=None, eval=0.5, globals={}, open=True)
host.compile = "yes"
host.subprocess = SimpleNamespace(run=len, Popen=max)
print(host.os, host.system, host.socket, host.exec, host.eval, host.globals, host.open, host.compile)
print(host.subprocess.run("abc"), host.subprocess.Popen([1, 5]))
del host.eval
host.sys = SimpleNamespace(path=["a", "b"], modules={})
print(host.sys.path[0], host.sys.modules)
