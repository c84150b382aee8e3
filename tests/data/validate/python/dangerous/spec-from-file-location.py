import importlib.util  #! python.import.importlib

spec = importlib.util.spec_from_file_location("m", "/tmp/m.py")
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
