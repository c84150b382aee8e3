# files that only something outside of the program's module still refers to are written, too
# request: {"output_files": ["*.txt"]}
import builtins
import logging
import os
import signal
import sys
import threading
import warnings


def opened(name):
    file = open(name + ".txt", "w")
    file.write(name + " is written\n")
    return file


class App:
    def __init__(self, name):
        self.log = opened(name)

    def __call__(self, *_):
        pass


class Handler(logging.Handler):
    def emit(self, record):
        held_by_module.write(record.getMessage() + "\n")


held_by_module = opened("module")
logging.getLogger().addHandler(Handler())
logging.warning("logged")
os.keep = opened("os")
builtins.keep = opened("builtins")
sys.keep = opened("sys")
signal.signal(signal.SIGINT, App("signal"))
sys.excepthook = App("excepthook")
threading.excepthook = App("thread_hook")
warnings.showwarning = App("warning")
builtins.print = App("print")
