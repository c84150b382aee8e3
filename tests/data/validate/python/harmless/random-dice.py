import random
from collections import Counter

random.seed(2024)
rolls = [random.randint(1, 6) + random.randint(1, 6) for _ in range(10_000)]
for total, n in sorted(Counter(rolls).items()):
    print(f"{total:2d} {'#' * (n // 50)}")
deck = [f"{rank}{suit}" for suit in "♠♥♦♣" for rank in "23456789TJQKA"]
random.shuffle(deck)
print(random.sample(deck, 5), random.choice(deck), round(random.gauss(0, 1), 3))
