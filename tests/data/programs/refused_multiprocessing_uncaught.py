# A Process that nobody catches, with its traceback.
import multiprocessing
multiprocessing.Process(target=print).start()
