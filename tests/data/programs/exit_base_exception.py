# Exceptions that are no Exception.
class Strange(BaseException): pass
raise Strange("x")
