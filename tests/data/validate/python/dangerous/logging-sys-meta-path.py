import logging


class Finder:
    def find_spec(self, name, path=None, target=None):
        print("asked for", name)


logging.sys.meta_path.insert(0, Finder())  #! python.sys.import-state python.import.sys
import anything_at_all
