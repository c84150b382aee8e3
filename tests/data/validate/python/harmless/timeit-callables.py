import timeit

words = ["alpha", "beta", "gamma"] * 100


def plus():
    text = ""
    for w in words:
        text += w
    return text


print(timeit.timeit(plus, number=10) >= 0)
print(min(timeit.repeat(lambda: "".join(words), number=10, repeat=3)) >= 0)
print(timeit.timeit("'-'.join(str(n) for n in range(100))", number=10) >= 0)
