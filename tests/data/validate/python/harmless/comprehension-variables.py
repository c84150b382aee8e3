scores = {"ann": 0.5, "bo": 0.75}

print([eval * 2 for eval in scores.values()])
print({exec: len(exec) for exec in scores})
print(sum(compile for compile in range(5)))
print(sorted((globals, name) for name, globals in scores.items() if globals > 0.6))
