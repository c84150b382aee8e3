from collections import namedtuple

Candle = namedtuple("Candle", "time open high low close volume")

ROWS = [
    ("09:00", 100.0, 103.5, 99.5, 102.0, 900),
    ("09:05", 102.0, 102.5, 100.0, 100.5, 750),
    ("09:10", 100.5, 106.0, 100.0, 105.5, 1800),
    ("09:15", 105.5, 107.0, 104.0, 104.5, 1200),
]


def typical(open, high, low, close):
    return (open + high + low + close) / 4


def body_ratio(candle):
    time, open, high, low, close, volume = candle
    span = high - low
    return abs(close - open) / span if span else 0.0


def vwap(candles):
    traded = volume_sum = 0.0
    for _, open, high, low, close, volume in candles:
        traded += typical(open, high, low, close) * volume
        volume_sum += volume
    return traded / volume_sum


candles = [Candle(*row) for row in ROWS]
for c in candles:
    colour = "green" if c.close >= c.open else "red"
    print(f"{c.time} {colour:<6}{body_ratio(c):.2f}")
print(round(vwap(candles), 3))
