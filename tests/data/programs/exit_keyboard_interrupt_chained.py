# Out of finally and with a context.
try:
    1 / 0
finally:
    raise KeyboardInterrupt("why")
