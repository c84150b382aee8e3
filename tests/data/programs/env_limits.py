# Limits of the process.
# tiers
import resource
for name in sorted(n for n in dir(resource) if n.startswith("RLIMIT_")):
    print(name, resource.getrlimit(getattr(resource, name)))
try:
    resource.setrlimit(resource.RLIMIT_NOFILE, (50, 50))
    print("set")
except (OSError, ValueError) as error:
    print(error)
