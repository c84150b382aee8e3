from string import Template

price, name, when = 1234.5, "Zoë", (2024, 2)
print("{:>10}|{:^10}|{:<10}|".format("a", "b", "c"))
print("{0:,.2f} {1!r} {2[0]}".format(price, name, when))
print("{z.real} {z.imag:+.1f}".format(z=3 + 4j), "{:_^20}".format(" mid "))
print(f"{price=:.1f} {name!s:*^9} {when[0]:04d}-{when[1]:02d} {{eval}}")
print("%05d %-6s|%+.2e %%" % (42, "ab", 0.00123))
print(Template("$who likes $what, ${who}!").substitute(who="tim", what="exec"))
print("{eval} {os}".format(eval=1, os="x"), "{a} {b}".format_map({"a": 1, "b": 2}))
