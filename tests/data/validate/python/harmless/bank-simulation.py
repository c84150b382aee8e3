"""A small event simulation of a bank with several counters."""

from __future__ import annotations

import heapq
import random
import statistics
from collections import deque
from dataclasses import dataclass, field
from enum import Enum


class Kind(Enum):
    ARRIVE = "arrive"
    LEAVE = "leave"
    CLOSE = "close"


@dataclass(order=True)
class Event:
    time: float
    serial: int
    kind: Kind = field(compare=False)
    customer: "Customer | None" = field(compare=False, default=None)


@dataclass
class Customer:
    number: int
    arrived: float
    served: float | None = None
    left: float | None = None

    @property
    def waited(self) -> float:
        assert self.served is not None
        return self.served - self.arrived


class Bank:
    def __init__(self, counters: int, mean_gap: float, mean_service: float, seed: int = 0):
        self.random = random.Random(seed)
        self.free = counters
        self.mean_gap = mean_gap
        self.mean_service = mean_service
        self.queue: deque[Customer] = deque()
        self.events: list[Event] = []
        self.done: list[Customer] = []
        self.open = True
        self.serial = 0
        self.now = 0.0
        self.longest = 0

    def schedule(self, delay: float, kind: Kind, customer: Customer | None = None) -> None:
        self.serial += 1
        heapq.heappush(self.events, Event(self.now + delay, self.serial, kind, customer))

    def arrive(self) -> None:
        if not self.open:
            return
        customer = Customer(self.serial, self.now)
        self.queue.append(customer)
        self.longest = max(self.longest, len(self.queue))
        self.schedule(self.random.expovariate(1 / self.mean_gap), Kind.ARRIVE)
        self.serve()

    def serve(self) -> None:
        while self.free and self.queue:
            customer = self.queue.popleft()
            customer.served = self.now
            self.free -= 1
            self.schedule(self.random.expovariate(1 / self.mean_service), Kind.LEAVE, customer)

    def leave(self, customer: Customer) -> None:
        customer.left = self.now
        self.done.append(customer)
        self.free += 1
        self.serve()

    def run(self, until: float) -> None:
        self.schedule(0, Kind.ARRIVE)
        self.schedule(until, Kind.CLOSE)
        while self.events:
            event = heapq.heappop(self.events)
            self.now = event.time
            if event.kind is Kind.ARRIVE:
                self.arrive()
            elif event.kind is Kind.LEAVE:
                self.leave(event.customer)
            else:
                self.open = False

    def report(self) -> str:
        waits = [c.waited for c in self.done]
        return (
            f"{len(self.done):4d} customers, mean wait {statistics.fmean(waits):6.2f}, "
            f"median {statistics.median(waits):6.2f}, longest queue {self.longest}"
        )


for counters in (1, 2, 3):
    bank = Bank(counters, mean_gap=2.0, mean_service=3.5, seed=11)
    bank.run(until=480)
    print(counters, bank.report())
