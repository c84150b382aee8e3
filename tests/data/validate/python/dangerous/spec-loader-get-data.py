import json

data = json.__spec__.loader.get_data("/etc/passwd")  #! python.loader
print(data)
