# Large numbers, floats, decimals, fractions.
# tiers
import decimal, fractions, math, sys
print(2 ** 2000 % 10 ** 50, math.factorial(30), 0.1 + 0.2, round(2.5), float("nan"), 1e400, -0.0)
print(decimal.getcontext(), decimal.Decimal(1) / 7, fractions.Fraction(0.1), math.fsum([0.1] * 10))
try:
    str(10 ** 5000)
except ValueError as error:
    print(error)
sys.set_int_max_str_digits(0)
print(len(str(10 ** 5000)), "%.20f" % 0.1, (0.1).hex(), divmod(-7, 3), pow(3, -1, 7))
