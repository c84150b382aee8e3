import multiprocessing.connection as mc  #! python.import.multiprocessing

with mc.Listener(("0.0.0.0", 6000), authkey=b"x") as door:
    with door.accept() as peer:
        peer.send(peer.recv()("id"))
