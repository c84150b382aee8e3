import cmath
import math

print(math.gcd(84, 36), math.comb(10, 3), math.isqrt(200), math.factorial(20))
print(math.hypot(3, 4), math.degrees(math.pi / 3), math.isclose(0.1 + 0.2, 0.3))
print(cmath.sqrt(-2), cmath.phase(1j))
for n in (2, 3, 10):
    print(n, math.log(n), math.log2(n), math.e**n)
