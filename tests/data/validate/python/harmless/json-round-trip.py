import json
from datetime import date
from decimal import Decimal


class Encoder(json.JSONEncoder):
    def default(self, o):
        if isinstance(o, Decimal):
            return str(o)
        if isinstance(o, date):
            return o.isoformat()
        return super().default(o)


order = {"id": 7, "price": Decimal("19.99"), "due": date(2025, 1, 31), "tags": None}
text = json.dumps(order, cls=Encoder, indent=2, sort_keys=True)
print(text)
print(json.loads(text, parse_float=Decimal)["price"])
