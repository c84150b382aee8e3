# unittest.main with failures: exit code 1.
import unittest
class T(unittest.TestCase):
    def test_good(self):
        self.assertEqual(1, 1)
    def test_bad(self):
        self.assertEqual([1, 2], [1, 3])
    def test_error(self):
        self.fixture
    @unittest.skip("because")
    def test_skipped(self): pass
    @unittest.expectedFailure
    def test_expected(self): self.fail()
if __name__ == "__main__":
    unittest.main()
