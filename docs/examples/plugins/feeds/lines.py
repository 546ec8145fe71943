"""Lines: a source of bars that has no format which anybody else reads."""

from datetime import UTC, datetime

from ropewalk import Bar

ropewalk_api = 1


class Lines:
    """One `symbol`, a line a day: the date and the four prices, with spaces between."""

    def __init__(self, file: str, symbol: str):
        self.file = file
        self.symbol = symbol

    def bars(self, folder):
        """Return whatever holds bars; `folder` is where the run file lies."""
        return [self._bar(line.split()) for line in (folder / self.file).read_text().splitlines()]

    def _bar(self, words):
        day = datetime.fromisoformat(words[0]).replace(tzinfo=UTC)
        return Bar(self.symbol, int(day.timestamp()) * 1_000_000, *map(float, words[1:]))
