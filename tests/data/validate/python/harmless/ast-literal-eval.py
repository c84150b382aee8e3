import ast

TEXTS = ["{'a': [1, 2, (3, None)]}", "b'raw'", "-1.5e3", "__import__('os').system('ls')", "eval('1')"]

for text in TEXTS:
    try:
        print(type(ast.literal_eval(text)).__name__, text)
    except (ValueError, SyntaxError) as error:
        print("refused:", text, error.__class__.__name__)
