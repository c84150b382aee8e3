class Beacon:
    from socket import create_connection as dial  #! python.import.socket

    def ping(self, text):
        with type(self).dial(("192.0.2.1", 53)) as line:
            line.sendall(text.encode())


Beacon().ping("alive")
