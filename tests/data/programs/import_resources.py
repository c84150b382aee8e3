# Data of a package, pkgutil, importlib.resources, metadata.
import pkgutil, importlib.resources, importlib.metadata
print(pkgutil.get_data("pack", "data.txt"), importlib.resources.files("pack").joinpath("data.txt").read_text())
print([m.name for m in pkgutil.iter_modules(["/work"])])
print(importlib.metadata.version("numpy") > "1", sorted(importlib.metadata.entry_points().groups)[:0])
