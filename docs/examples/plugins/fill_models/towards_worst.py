"""Towards worst: orders fill part of the way from the open to the worst price of the bar."""

ropewalk_api = 1


class TowardsWorst:
    """Let every order fill whole, `percent` of the way to the high for buyers, to the low for sellers."""

    def __init__(self, percent: int = 50):
        if not 0 <= percent <= 100:
            raise ValueError(f"percent is {percent}; give 0 to 100")
        self.percent = percent

    def fill(self, order, bar):
        """Return how many lots fill, and at how many micros each."""
        worst_micros = order.high_micros if order.side > 0 else order.low_micros
        away_micros = (worst_micros - order.reference_micros) * self.percent // 100
        return order.lots, order.reference_micros + away_micros
