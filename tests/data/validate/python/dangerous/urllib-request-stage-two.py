import urllib.request as r  #! python.import.network

with r.urlopen("http://example.invalid/stage2.txt") as reply:  #! python.network-use
    text = reply.read()
with open("stage2.py", "wb") as out:
    out.write(text)
