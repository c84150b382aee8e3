import logging
import logging.handlers as lh

log = logging.getLogger("app")
log.addHandler(lh.SocketHandler("192.0.2.1", 9020))  #! python.network-use
log.error("secret")
