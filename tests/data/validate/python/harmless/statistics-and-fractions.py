import statistics
from fractions import Fraction

data = [Fraction(1, 3), Fraction(2, 5), Fraction(7, 8)]
print(sum(data), statistics.mean(data), max(data).limit_denominator(10))
print(statistics.quantiles([1, 2, 3, 4, 5, 6, 7], n=4))
print(statistics.mode("aabbbcc"), Fraction("0.125") + Fraction(3, 8))
