import secrets
import string
import uuid

ALPHABET = string.ascii_letters + string.digits + "!?-_"


def password(length=16):
    while True:
        candidate = "".join(secrets.choice(ALPHABET) for _ in range(length))
        if any(c.isdigit() for c in candidate) and any(c.isupper() for c in candidate):
            return candidate


print(len(password()), len(secrets.token_urlsafe(24)))
print(uuid.uuid5(uuid.NAMESPACE_DNS, "example.org"), uuid.uuid4().version)
