import random

random.seed(5)
secret = random.randint(1, 100)
low, high, tries = 1, 100, 0
while True:
    guess = (low + high) // 2
    tries += 1
    if guess == secret:
        break
    if guess < secret:
        low = guess + 1
    else:
        high = guess - 1
print(f"found {secret} after {tries} tries")
