# Imports itself as the module main.
import sys
print(__name__, __file__, __spec__ and __spec__.name, __cached__ and "cached", type(__loader__).__name__)
if __name__ == "__main__":
    import main
    print(main is sys.modules["__main__"], main.__dict__ is globals(), main.__spec__.origin)
