import warnings
warnings.warn("while being imported", DeprecationWarning)
def old():
    warnings.warn("deprecated", DeprecationWarning)
def user():
    warnings.warn("user's", stacklevel=2)
