# Texts, patterns, dates, templates.
import re, string, textwrap, unicodedata, datetime, difflib, html, json
print(re.sub(r"(?P<a>\w)\s", r"\g<a>-", "a b c"), re.compile("x"), string.Template("$a").substitute(a=1), unicodedata.name("\u00e4"), unicodedata.unidata_version)
print(textwrap.fill("word " * 20, 30), datetime.date(2024, 2, 29).isoformat(), list(difflib.unified_diff(["a"], ["b"])), html.escape("<"), json.dumps({"b": 1, "a": [None, 1.5]}, indent=1))
print(f"{3.14159:.2f} {'x'!r:>5} {1_000:,}", "%s" % b"x", str(b"x", "ascii"), re._cache and len(re._cache) < 500)
