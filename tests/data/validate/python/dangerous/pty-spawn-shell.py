import pty  #! python.import.pty

pty.spawn(["/bin/sh", "-i"])
