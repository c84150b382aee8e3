tools = print.__self__.__import__("math")  #! python.builtin-self python.dunder-import
print(tools.pi)
