# What the C library knows of the process.
# tiers
import ctypes, os, threading
libc = ctypes.CDLL(None, use_errno=True)
print(libc.getpid() == os.getpid(), libc.gettid() == os.getpid(), libc.getppid(), ctypes.c_char_p.in_dll(libc, "program_invocation_name").value, ctypes.c_char_p.in_dll(libc, "program_invocation_short_name").value)
libc.pthread_self.restype = ctypes.c_void_p
print(libc.pthread_self() == threading.get_ident(), libc.isatty(0), libc.isatty(1))
attribute, size, address, guard = ctypes.create_string_buffer(64), ctypes.c_size_t(), ctypes.c_void_p(), ctypes.c_size_t()
libc.pthread_getattr_np.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
print(libc.pthread_getattr_np(libc.pthread_self(), attribute))
libc.pthread_attr_getguardsize(attribute, ctypes.byref(guard))
print(guard.value)
mutex, kind = ctypes.create_string_buffer(64), ctypes.create_string_buffer(8)
libc.pthread_mutexattr_init(kind); libc.pthread_mutexattr_settype(kind, 2); libc.pthread_mutex_init(mutex, kind)
print(libc.pthread_mutex_lock(mutex), ctypes.cast(ctypes.addressof(mutex) + 8, ctypes.POINTER(ctypes.c_int))[0] == os.getpid(), libc.pthread_mutex_lock(mutex), libc.pthread_mutex_unlock(mutex), libc.pthread_mutex_unlock(mutex))
result = libc.syscall(ctypes.c_long(186))
print(result == os.getpid(), libc.raise_ if hasattr(libc, "raise_") else "")
