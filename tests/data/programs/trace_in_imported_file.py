# Fails in a file of the request, while it is imported and later.
import helper
try:
    helper.fail(3)
except ValueError:
    import traceback
    traceback.print_exc()
import failing
