from re import IGNORECASE, compile

pattern = compile(r"(\d{4})-(\d{2})-(\d{2})", IGNORECASE)
print(pattern.findall("2024-02-29 and 2023-12-31"))
print(compile("a+").sub("b", "caaat"))
