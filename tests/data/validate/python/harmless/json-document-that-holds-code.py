import json

DOCUMENT = """
{
  "title": "Examples of dangerous calls",
  "os": {"system": "rm -rf /", "popen": ["ls", "-l"]},
  "cells": [
    {"type": "code", "source": "import os\\nos.system('id')"},
    {"type": "code", "source": "exec(open('/etc/passwd').read())"},
    {"type": "text", "source": "Never use eval() or __import__('subprocess')."}
  ],
  "__builtins__": null,
  "eval": true
}
"""

data = json.loads(DOCUMENT)
for cell in data["cells"]:
    print(cell["type"], len(cell["source"]))
print(data["os"]["system"], data["eval"], data["__builtins__"])
with open("document.json", "w", encoding="utf-8") as f:
    json.dump(data, f)
