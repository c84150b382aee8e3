# Where modules, classes and functions say that they come from.
# tiers
import inspect, sys, os, pkgutil, site, sysconfig
print(inspect.getfile(os), inspect.getmodulename(__file__), inspect.getmodule(sys._getframe()).__name__, inspect.isbuiltin(len), inspect.getsourcefile(os.getcwd) if False else "")
print(site.getsitepackages(), site.ENABLE_USER_SITE, site.USER_SITE, site.USER_BASE, sysconfig.get_path("stdlib"), sysconfig.get_default_scheme())
print(pkgutil.find_loader("main") is not None, pkgutil.resolve_name("os.path:join").__name__)
