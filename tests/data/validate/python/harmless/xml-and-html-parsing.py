import html
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

DOC = """<config os="linux"><exec path="/bin/true"/><item n="1">eval</item><item n="2">x</item></config>"""

root = ET.fromstring(DOC)
print(root.get("os"), root.find("exec").get("path"))
print({item.get("n"): item.text for item in root.iter("item")})
ET.SubElement(root, "system").text = "os.system"
print(ET.tostring(root, encoding="unicode"))


class Links(HTMLParser):
    def __init__(self):
        super().__init__()
        self.links = []

    def handle_starttag(self, tag, attrs):
        if tag == "a":
            self.links.append(dict(attrs).get("href"))


parser = Links()
parser.feed('<p><a href="https://example.org/?q=eval">x</a> <!-- exec --> <a href="#top">y</a></p>')
print(parser.links, html.escape("<script>eval('1')</script>"))
