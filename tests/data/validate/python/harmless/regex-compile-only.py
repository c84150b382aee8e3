import re

email = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")
word = re.compile(r"\b(eval|exec|compile)\b", re.IGNORECASE)
text = "Write to a.b@example.org, but never call EVAL or exec on input."
print(email.findall(text))
print(word.sub(lambda m: m.group(0).lower() + "_", text))
