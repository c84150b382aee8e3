GLIDER = """
.X.
..X
XXX
"""


def parse(text):
    return {
        (x, y)
        for y, row in enumerate(text.strip().splitlines())
        for x, cell in enumerate(row)
        if cell == "X"
    }


def step(alive):
    counts = {}
    for x, y in alive:
        for dx in (-1, 0, 1):
            for dy in (-1, 0, 1):
                if dx or dy:
                    key = (x + dx, y + dy)
                    counts[key] = counts.get(key, 0) + 1
    return {c for c, n in counts.items() if n == 3 or (n == 2 and c in alive)}


def show(alive, size=8):
    return "\n".join("".join("#" if (x, y) in alive else "." for x in range(size)) for y in range(size))


cells = parse(GLIDER)
for generation in range(4):
    print(f"generation {generation}\n{show(cells)}")
    cells = step(cells)
