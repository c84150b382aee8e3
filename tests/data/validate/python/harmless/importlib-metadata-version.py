from importlib.metadata import PackageNotFoundError, version

for package in ("numpy", "pandas", "no-such-package"):
    try:
        print(package, version(package))
    except PackageNotFoundError:
        print(package, "is not installed")
