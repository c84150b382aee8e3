import traceback
import warnings


def old():
    warnings.warn("old() is deprecated, use new()", DeprecationWarning, stacklevel=2)
    return 1


with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    old()
print(caught[0].category.__name__, caught[0].message)

try:
    {}["os"]
except KeyError:
    text = traceback.format_exc()
    print(text.splitlines()[-1])
try:
    try:
        int("x")
    except ValueError as e:
        raise RuntimeError("wrapped") from e
except RuntimeError as e:
    print(repr(e.__cause__), e.__context__ is e.__cause__, e.__traceback__ is not None)
