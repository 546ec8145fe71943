"""Crowd: the larger an order, the further its price runs away."""

ropewalk_api = 1


class Crowd:
    """One basis point of the price for every `lots` lots, and one to begin with."""

    def __init__(self, lots: int = 500):
        self.lots = lots

    def slippage_micros(self, quantity, reference_micros):
        """Say how much worse each lot trades, in whole micros."""
        return reference_micros * (1 + quantity // self.lots) // 10_000
