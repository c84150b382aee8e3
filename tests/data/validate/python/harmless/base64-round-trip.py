import base64
import binascii

text = "Hällo, eval('1') — only data"
token = base64.b64encode(text.encode("utf-8"))
print(token.decode("ascii"))
print(base64.b64decode(token).decode("utf-8") == text)
print(base64.urlsafe_b64encode(bytes(range(250, 256))), base64.b32encode(b"hi"))
print(binascii.hexlify(b"exec"), bytes.fromhex("6f732e73797374656d").decode())
try:
    base64.b64decode("abc", validate=True)
except binascii.Error as error:
    print("bad:", error)
