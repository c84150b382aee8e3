# unittest.main without failures: exit code 0.
import unittest
class T(unittest.TestCase):
    def test_warning(self):
        import warnings
        warnings.warn("within a test", DeprecationWarning)
    def test_file(self):
        open("main.py")
unittest.main(verbosity=2)
