def load_words(path):
    with open(path, encoding="utf-8") as f:
        return {line.strip().lower() for line in f if line.strip().isalpha()}


with open("/usr/share/dict/words", encoding="utf-8") as f:  #! python.read-outside
    words = [line.strip() for line in f]
print(len(words), max(words, key=len))
