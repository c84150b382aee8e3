import hashlib
import hmac
import secrets

print(hashlib.sha256(b"hello").hexdigest())
digest = hashlib.md5()
for chunk in (b"first", b"second"):
    digest.update(chunk)
print(digest.hexdigest(), sorted(hashlib.algorithms_guaranteed)[:3])

key = secrets.token_bytes(32)
mac = hmac.new(key, b"message", "sha256").digest()
print(hmac.compare_digest(mac, hmac.new(key, b"message", "sha256").digest()))

salt = b"0123456789abcdef"
print(hashlib.pbkdf2_hmac("sha256", b"password", salt, 1000).hex()[:16])
