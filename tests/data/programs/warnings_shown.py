# Warnings with their place; which are shown by default.
# tiers
import warnings
def old():
    warnings.warn("old", DeprecationWarning, stacklevel=2)
old()
for kind in (UserWarning, DeprecationWarning, PendingDeprecationWarning, FutureWarning, ResourceWarning, ImportWarning, BytesWarning, RuntimeWarning, SyntaxWarning, EncodingWarning):
    warnings.warn("a " + kind.__name__, kind)
for _ in range(3):
    warnings.warn("only once for one place")
warnings.warn("one level up", stacklevel=2)
warnings.warn("far up", stacklevel=9)
warnings.warn_explicit("explicit", UserWarning, "somewhere.py", 7)
print(sorted(k[0] for k in __warningregistry__ if k != "version"))
