import time
from datetime import datetime

while True:  #! python.endless-loop
    print(datetime.now().strftime("%H:%M:%S"), end="\r", flush=True)
    time.sleep(1)
