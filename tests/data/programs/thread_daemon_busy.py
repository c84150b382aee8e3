# Daemons that are busy printing do not hold up the end.
import threading, time, io
def work():
    while True:
        sum(range(100))
for _ in range(3):
    threading.Thread(target=work, daemon=True).start()
time.sleep(0.05)
print("main ends")
