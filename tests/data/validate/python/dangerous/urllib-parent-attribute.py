import urllib
import urllib.parse

query = urllib.parse.urlencode({"q": "secret"})
urllib.request.urlopen("http://example.invalid/?" + query)  #! python.network-use
