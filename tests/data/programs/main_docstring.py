# A docstring after a comment is still one.
"""Says what it is."""
print(__doc__)
