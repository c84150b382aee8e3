import string
import textwrap

text = "  The Quick brown fox -- jumped over the lazy dog.  "
clean = text.strip().lower().replace("--", "").split()
print(" ".join(w.capitalize() for w in clean))
print(text.strip()[::-1], text.count("o"), text.find("fox"))
table = str.maketrans(string.ascii_lowercase, string.ascii_lowercase[13:] + string.ascii_lowercase[:13])
print("uryyb jbeyq".translate(table))
print(textwrap.fill("lorem ipsum " * 20, width=50, initial_indent="* ", subsequent_indent="  "))
print("caf\u00e9".encode("utf-8"), "a,b;c".partition(";"), "x".rjust(5, "."))
