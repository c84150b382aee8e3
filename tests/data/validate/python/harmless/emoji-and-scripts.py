import unicodedata

TEXTS = ["😀👩‍👩‍👧 family", "Привет, eval!", "こんにちは exec", "שלום os", "ｅｖａｌ (full width)", "e\u0301cole"]

for text in TEXTS:
    normal = unicodedata.normalize("NFKC", text)
    print(len(text), len(text.encode("utf-8")), len(text.encode("utf-16-le")), normal)
    print([unicodedata.name(c, "?") for c in text[:2]])
