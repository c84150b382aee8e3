# What can be set, unset.
# tiers
import sys
print(sys.getrecursionlimit(), sys.getswitchinterval(), sys.getdlopenflags(), sys.get_int_max_str_digits())
print(sys.gettrace(), sys.getprofile(), sys.get_asyncgen_hooks(), sys.get_coroutine_origin_tracking_depth())
print(sys.is_finalizing(), sys.getallocatedblocks() > 0, sys.gettotalrefcount() if hasattr(sys, "gettotalrefcount") else None)
print(sys.getfilesystemencoding(), sys.getfilesystemencodeerrors(), sys.getdefaultencoding())
import tracemalloc
print(tracemalloc.is_tracing(), tracemalloc.get_traced_memory())
