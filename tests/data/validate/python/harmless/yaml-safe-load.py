import yaml

TEXT = """
os: linux
steps:
  - exec: make
  - eval: "1 + 1"
"""

data = yaml.safe_load(TEXT)
print(data["os"], [list(s) for s in data["steps"]])
print(yaml.load(TEXT, Loader=yaml.SafeLoader) == data)
print(yaml.safe_dump(data, sort_keys=True))
