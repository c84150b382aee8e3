# what is set in sys is deleted without a frame of others below it
import sys


class Argv(list):
    def __del__(self):
        frame = sys._getframe()
        print("deleted below", frame.f_back and frame.f_back.f_code.co_name)


sys.argv = Argv()
