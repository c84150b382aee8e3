import threading  #! python.import.threading
import linecache  #! python.import.glob


def spin():
    while True:  #! python.endless-loop
        with open("/etc/hosts") as f:  #! python.read-outside
            f.read()


threading.Thread(target=spin).start()
print(linecache.getline("notes.txt", 1))
