import io
import keyword
import tokenize

SOURCE = "def f(x):\n    return eval(x) + os.system('id')  # exec\n"

names = []
for token in tokenize.generate_tokens(io.StringIO(SOURCE).readline):
    if token.type == tokenize.NAME and not keyword.iskeyword(token.string):
        names.append(token.string)
print(names, keyword.iskeyword("exec"), keyword.iskeyword("import"))
