[__import__ for __import__ in ()]
json = __import__("json")  #! python.dunder-import
print(json.dumps({}))
