# What prctl tells.
# tiers
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
number, name = ctypes.c_int(-7), ctypes.create_string_buffer(16)
for label, option, argument in (("pdeathsig", 2, ctypes.byref(number)), ("dumpable", 3, None), ("keepcaps", 7, None), ("name", 16, name), ("seccomp", 21, None), ("bounding", 23, None), ("tsc", 25, ctypes.byref(number)), ("securebits", 27, None), ("timerslack", 30, None),
                                ("mce", 34, None), ("subreaper", 37, ctypes.byref(number)), ("no_new_privs", 39, None), ("thp", 42, None), ("fp", 46, None), ("ambient", 47, None), ("speculation", 52, None), ("io_flusher", 58, None), ("mdwe", 66, None), ("merge", 68, None)):
    ctypes.set_errno(0)
    number.value = -7
    result = libc.prctl(option, argument, 0, 0, 0)
    print(label, result, os.strerror(ctypes.get_errno()), number.value, name.value)
