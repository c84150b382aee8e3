from decimal import ROUND_HALF_UP, Decimal, getcontext, localcontext

getcontext().prec = 28
CENT = Decimal("0.01")


def with_tax(net, rate=Decimal("0.19")):
    return (net * (1 + rate)).quantize(CENT, rounding=ROUND_HALF_UP)


prices = [Decimal("19.99"), Decimal("5.00"), Decimal("0.10")]
print([str(with_tax(p)) for p in prices], sum(prices))
with localcontext() as ctx:
    ctx.prec = 50
    print(Decimal(2).sqrt())
