import unittest
from unittest import mock


def word_count(text):
    counts = {}
    for word in text.lower().split():
        counts[word] = counts.get(word, 0) + 1
    return counts


class WordCountTest(unittest.TestCase):
    def setUp(self):
        self.text = "a b A c b a"

    def test_counts(self):
        self.assertEqual(word_count(self.text), {"a": 3, "b": 2, "c": 1})

    def test_empty(self):
        self.assertEqual(word_count(""), {})

    def test_many(self):
        for text, n in (("x", 1), ("x y", 2), ("eval exec eval", 2)):
            with self.subTest(text=text):
                self.assertEqual(len(word_count(text)), n)

    def test_callback(self):
        system = mock.Mock(return_value=0)
        self.assertEqual(system("ls"), 0)
        system.assert_called_once_with("ls")

    def test_error(self):
        with self.assertRaisesRegex(AttributeError, "lower"):
            word_count(None)


if __name__ == "__main__":
    unittest.main(argv=["first-arg-is-ignored"], exit=False)
