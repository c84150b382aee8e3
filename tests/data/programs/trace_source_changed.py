# Changes its own file: the line of the new one is shown.
with open(__file__, "w") as f:
    f.write("other line %d\n" * 0 + "\n".join("other line %d" % n for n in range(20)))
1 / 0
