from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace


@dataclass(order=True)
class Item:
    name: str
    price: float
    quantity: int = 1
    tags: list[str] = field(default_factory=list, compare=False)

    @property
    def total(self) -> float:
        return self.price * self.quantity


@dataclass
class Inventory:
    items: dict[str, Item] = field(default_factory=dict)

    def add(self, item: Item) -> None:
        if item.name in self.items:
            old = self.items[item.name]
            item = replace(old, quantity=old.quantity + item.quantity)
        self.items[item.name] = item

    def worth(self) -> float:
        return sum(item.total for item in self.items.values())


stock = Inventory()
stock.add(Item("bolt", 0.25, 100))
stock.add(Item("bolt", 0.25, 50))
stock.add(Item("gear", 12.0, 3, ["metal"]))
print(asdict(stock))
print(round(stock.worth(), 2))
