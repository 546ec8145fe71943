"""Liquidity: no entry may be worth more than a part of what the symbol traded in its last bar."""

from ropewalk import Room

ropewalk_api = 1


class Liquidity:
    """Bound each entry by the value of the last bar's volume."""

    def __init__(self, per_million: int = 1000):
        if per_million <= 0:
            raise ValueError(f"per_million is {per_million}; give 1 or more")
        self.per_million = per_million

    def room(self, ask):
        """Say how much may be granted; None where the data have no volume."""
        if not ask.bar.volume:
            return None
        return Room(int(ask.bar.volume) * ask.mark_micros * self.per_million // 1_000_000)
