# A file of the request that is named like a large library.
import statistics, random
print(statistics.mine, random.__file__)
