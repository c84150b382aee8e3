# coding: ascii
print("plain", "caf\xe9", "\N{SNOWMAN}")
