# ctypes: structures, callbacks, errno.
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
compare = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))
numbers = (ctypes.c_int * 4)(3, 1, 4, 2)
libc.qsort(numbers, 4, 4, compare(lambda a, b: a[0] - b[0]))
print(list(numbers), libc.open(b"/nothing", 0), ctypes.get_errno())
@ctypes.CFUNCTYPE(None)
def fail():
    raise ValueError("in a callback")
fail()
print(ctypes.pythonapi.Py_IsInitialized(), ctypes.c_int.in_dll(ctypes.pythonapi, "Py_NoSiteFlag").value, ctypes.c_int.in_dll(ctypes.pythonapi, "Py_InspectFlag").value, ctypes.c_int.in_dll(ctypes.pythonapi, "Py_UnbufferedStdioFlag").value)
