"""Part way: brings every strategy some of the way back to its weight, so that less is traded at once."""

from ropewalk import Member

ropewalk_api = 1


class PartWay:
    """Go a part of the way from the share that each strategy has to its weight."""

    name = "part-way"

    def __init__(self, every: str = "month", percent: int = 50):
        if not 0 <= percent <= 100:
            raise ValueError(f"percent is {percent}; give 0 to 100")
        self.every = every
        self.percent = percent

    def targets(self, members: list[Member]):
        """Answer with a share for each strategy."""
        return {one.strategy: one.share + (one.weight - one.share) * self.percent / 100 for one in members}
