import signal  #! python.import.signal

for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM):
    signal.signal(number, signal.SIG_IGN)
while True:  #! python.endless-loop
    pass
