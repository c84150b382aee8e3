# Hashes, compression, base64, secrets, ssl.
import hashlib, zlib, bz2, lzma, base64, hmac, binascii, ssl
print(hashlib.sha256(b"x").hexdigest(), hashlib.md5(b"x").hexdigest(), zlib.crc32(b"x"), hmac.new(b"k", b"m", "sha1").hexdigest(), len(hashlib.algorithms_available) > 5)
print(base64.b64encode(zlib.compress(b"x" * 100)), bz2.decompress(bz2.compress(b"y")), lzma.decompress(lzma.compress(b"z")), binascii.hexlify(b"ab"), ssl.OPENSSL_VERSION[:7], ssl.RAND_status())
