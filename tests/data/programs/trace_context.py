# Causes and contexts, printed.
try:
    try:
        1 / 0
    finally:
        [].pop()
except IndexError as error:
    error.add_note("a note\nof two lines")
    raise LookupError("outer", 2) from error
