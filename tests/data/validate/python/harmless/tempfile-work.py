import json
import tempfile  #! python.import.tempfile

with tempfile.TemporaryDirectory() as folder:
    name = f"{folder}/settings.json"
    with open(name, "w") as f:
        json.dump({"os": "linux"}, f)
    with open(name) as f:
        print(json.load(f)["os"])

with tempfile.NamedTemporaryFile("w+", suffix=".txt") as f:
    f.write("hello")
    f.seek(0)
    print(f.read())
