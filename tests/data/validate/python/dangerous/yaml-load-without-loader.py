import yaml

with open("config.yml") as f:
    config = yaml.load(f)  #! python.yaml-load
again = yaml.load("a: 1", Loader=yaml.SafeLoader)
print(config, again)
