# A thread that prints after main has ended.
import threading, time
def work():
    main = threading.main_thread()
    main.join()
    print("after main", main.is_alive())
    time.sleep(0.05)
    print("last word")
threading.Thread(target=work).start()
print("main ends")
