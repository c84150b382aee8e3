# Arguments as C has them in the interpreter.
import ctypes
argc, argv = ctypes.c_int(), ctypes.POINTER(ctypes.c_wchar_p)()
ctypes.pythonapi.Py_GetArgcArgv(ctypes.byref(argc), ctypes.byref(argv))
print([argv[n] for n in range(argc.value)])
for name in ("Py_GetProgramName", "Py_GetPrefix", "Py_GetExecPrefix", "Py_GetPath", "Py_GetProgramFullPath", "Py_GetPythonHome"):
    function = getattr(ctypes.pythonapi, name)
    function.restype = ctypes.c_wchar_p
    print(name, function())
