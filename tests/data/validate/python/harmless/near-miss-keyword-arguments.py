def configure(**options):
    return options


def build(os=None, eval=True, open="door", exec=3, system=""):
    return [os, eval, open, exec, system]


print(configure(os="linux", eval=False, open=8, exec="never", subprocess=None, globals={}))
print(build(os="mac", eval=False, open="window", system="solar"))
print(build(**{"exec": 5}))
