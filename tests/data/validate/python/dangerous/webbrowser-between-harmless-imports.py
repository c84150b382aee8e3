import json, webbrowser, math  #! python.import.network

secret = json.dumps({"pi": math.pi})
webbrowser.open("http://example.invalid/?q=" + secret)
