import glob  #! python.import.glob
import platform  #! python.import.platform
import tempfile  #! python.import.tempfile
import threading  #! python.import.threading

event = threading.Event()


def scan(pattern):
    names = glob.glob(pattern)
    print(platform.node() != "", len(names), tempfile.gettempdir())
    event.set()


thread = threading.Thread(target=scan, args=("*.txt",), daemon=True)
thread.start()
event.wait(timeout=5)
thread.join()
