"""Halves: whoever meets others at a symbol gets a part of what was asked."""

from ropewalk import Outcome

ropewalk_api = 1


class Halves:
    """Allow every wish of a conflict its part; what closes a position is always allowed."""

    name = "halves"

    def __init__(self, percent: int = 50):
        if not 0 <= percent <= 100:
            raise ValueError(f"percent is {percent}; give 0 to 100")
        self.percent = percent

    def settle(self, wishes):
        """Answer each wish with one outcome, in their order."""
        return [Outcome(wish.asked_micros * self.percent // 100, wish.close_lots) for wish in wishes]
