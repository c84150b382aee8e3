# What __del__ finds at the very end.
import sys, os
class Late:
    def __del__(self, sys=sys):
        print(sys.is_finalizing(), sys.meta_path, sys.modules is None or "__main__" in sys.modules, globals().get("os"), sys._getframe().f_back)
        try:
            import colorsys
            print("imported")
        except BaseException as error:
            print(type(error).__name__, error)
sys.modules["kept"] = type(sys)("kept")
sys.modules["kept"].late = Late()
x = Late()
