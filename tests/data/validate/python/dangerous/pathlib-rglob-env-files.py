from pathlib import Path  #! python.import.pathlib

for entry in Path(".").rglob("*.env"):  #! python.pathlib.read
    print(entry)
