# Runs another file of the request as __main__, and itself by run_path.
import runpy, sys
if __name__ == "__main__":
    found = runpy.run_path("other.py", run_name="__main__")
    print(found["seen"], __name__, sys.argv)
    found = runpy.run_path("main.py", run_name="again")
    print(found["__name__"], found["__file__"])
    runpy.run_module("other", run_name="__main__", alter_sys=True)
    print(sys.modules["__main__"].__dict__ is globals())
print("end of", __name__)
