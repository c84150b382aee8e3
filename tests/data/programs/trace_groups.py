# Groups of exceptions.
def fail(kind, text):
    try:
        raise kind(text)
    except kind as error:
        return error
raise ExceptionGroup("several", [fail(ValueError, "one"), ExceptionGroup("inner", [fail(TypeError, "two"), KeyError("three")])])
