template = "hello {user.__class__.__mro__}"
print(template.format_map({"user": 1}))  #! python.format-dunder
