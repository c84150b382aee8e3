import io
import logging

stream = io.StringIO()
handler = logging.StreamHandler(stream)
handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))

logger = logging.getLogger("app.os")
logger.setLevel(logging.DEBUG)
logger.addHandler(handler)
logger.propagate = False

logger.debug("calling os.system would be bad: %s", "os.system('ls')")
logger.warning("eval is %s", "evil")
try:
    1 / 0
except ZeroDivisionError:
    logger.exception("division failed")
print(stream.getvalue().splitlines()[0])
