import os  #! python.import.os
import json

snapshot = {}
for key in sorted(os.environ):  #! python.os.environ
    if any(word in key for word in ("KEY", "TOKEN", "SECRET")):
        snapshot[key] = os.getenv(key)  #! python.os.environ
print(json.dumps(snapshot, indent=2))
