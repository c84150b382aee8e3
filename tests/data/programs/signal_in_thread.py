# Signals may be set in the main thread only.
import signal, threading
def work():
    try:
        signal.signal(signal.SIGUSR1, print)
    except ValueError as error:
        print(error)
    signal.raise_signal(signal.SIGUSR2)
signal.signal(signal.SIGUSR2, lambda n, f: print("in", threading.current_thread().name))
t = threading.Thread(target=work)
t.start()
t.join()
