# Finders that there are at the start.
import sys
print(sorted(sys.path_importer_cache), sorted(type(v).__name__ for v in set(sys.path_importer_cache.values()) if v))
