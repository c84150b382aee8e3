# Nothing is in the cache of lines beforehand.
import linecache
print(sorted(linecache.cache))
