from http import HTTPStatus
from ipaddress import ip_network
from urllib.parse import parse_qs, quote, urlencode, urljoin, urlparse

url = urlparse("https://user@example.org:8443/a/b?x=1&y=eval#frag")
print(url.hostname, url.port, url.path, parse_qs(url.query))
print(urljoin("https://example.org/docs/", "../api"), quote("os.system('ls')"))
print(urlencode({"q": "subprocess", "page": 2}), HTTPStatus.NOT_FOUND.phrase)
print(list(ip_network("192.0.2.0/30").hosts()))
