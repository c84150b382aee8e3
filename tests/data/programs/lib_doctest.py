# doctest of the program.
"""
>>> double(2)
4
>>> double(3)
7
"""
def double(n):
    """
    >>> double("a")
    'aa'
    >>> __name__
    '__main__'
    """
    return n * 2
import doctest, sys
result = doctest.testmod()
sys.exit(result.failed)
