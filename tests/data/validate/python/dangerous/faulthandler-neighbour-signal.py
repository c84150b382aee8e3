import faulthandler
from signal import raise_signal as bump, SIGSEGV as how  #! python.import.signal

faulthandler.disable()
bump(how)
