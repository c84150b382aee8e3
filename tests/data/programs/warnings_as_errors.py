# Turned into errors.
import warnings
warnings.simplefilter("error")
try:
    warnings.warn("to be caught")
except UserWarning as error:
    print("caught", error)
with warnings.catch_warnings(record=True) as found:
    warnings.simplefilter("always")
    warnings.warn("recorded")
    open("/dev/null")
print([str(w.message).split(" name=")[0] for w in found], found[0].filename, found[0].lineno)
warnings.warn("uncaught")
