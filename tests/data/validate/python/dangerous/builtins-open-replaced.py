import builtins as b  #! python.import.builtins

original = b.open


def spy(path, *rest, **options):
    print("opened", path)
    return original(path, *rest, **options)


b.open = spy
