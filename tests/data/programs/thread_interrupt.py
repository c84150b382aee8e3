# interrupt_main, as a signal does it.
import _thread, time
try:
    _thread.interrupt_main()
    time.sleep(2)
    print("never")
except KeyboardInterrupt:
    print("interrupted")
