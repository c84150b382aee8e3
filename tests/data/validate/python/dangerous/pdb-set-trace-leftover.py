def total(items):
    result = 0
    for item in items:
        import pdb; pdb.set_trace()  #! python.import.debugger
        result += item
    return result


print(total([1, 2, 3]))
