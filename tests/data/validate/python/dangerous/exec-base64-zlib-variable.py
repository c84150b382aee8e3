import base64
import zlib

stage = zlib.decompress(base64.b64decode("eJwrKMrMK9Ew1AQADkYC0A=="))
exec(stage)  #! python.exec python.decoded-code
