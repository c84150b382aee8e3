for n in range(1, 16):
    print("FizzBuzz" if n % 15 == 0 else "Fizz" if n % 3 == 0 else "Buzz" if n % 5 == 0 else n)


def sieve(limit):
    is_prime = [False, False] + [True] * (limit - 1)
    for p in range(2, int(limit**0.5) + 1):
        if is_prime[p]:
            is_prime[p * p :: p] = [False] * len(range(p * p, limit + 1, p))
    return [n for n, prime in enumerate(is_prime) if prime]


print(sieve(50), sum(map(int, str(2**100))))
