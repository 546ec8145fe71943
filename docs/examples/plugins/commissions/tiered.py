"""Tiered: so much a lot, and from a number of lots on a lower rate for the rest."""

from decimal import Decimal

ropewalk_api = 1


class Tiered:
    """`each` in currency for the first `lots` lots, half of it for those after."""

    def __init__(self, each: Decimal, lots: int = 1000):
        self.each_micros = int(each * 1_000_000)
        self.lots = lots

    def commission_micros(self, quantity, price_micros):
        """Price one fill of `quantity` lots, unsigned, in whole micros; more for more lots."""
        first = min(quantity, self.lots)
        return self.each_micros * first + self.each_micros * (quantity - first) // 2
