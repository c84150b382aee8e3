import posix  #! python.import.os

posix.kill(posix.getppid(), 9)  #! python.os.process
