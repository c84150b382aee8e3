# logging: root, handlers, levels, formats, the place of a call.
# tiers
import logging, sys
print(logging.root, logging.root.handlers, logging.root.level, logging._handlers.data if hasattr(logging._handlers, "data") else len(logging._handlers), logging.lastResort.level, logging.raiseExceptions)
logging.warning("by default")
logging.getLogger("x").info("not shown")
logging.basicConfig(stream=sys.stdout, format="%(levelname)s %(name)s %(module)s %(filename)s:%(lineno)d %(funcName)s %(processName)s %(threadName)s %(message)s", force=True)
def f():
    logging.getLogger("x.y").error("with %d", 1)
    try:
        1 / 0
    except ZeroDivisionError:
        logging.exception("failed", stack_info=True)
f()
logging.error("bad %d", "format")
