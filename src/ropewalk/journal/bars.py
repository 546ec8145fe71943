"""The bars beside a journal: looked up by symbol and time, if they are there at all."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from ropewalk.errors import FeedError
from ropewalk.events import Bar
from ropewalk.feeds.copies import saved_bars

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ropewalk.market.series import Series

DATA = "data"
"""The folder in a run's folder that holds copies of its data."""


class Bars:
    """
    The copies of a run's bars.

    Without them `missing` says why, and every question is answered with None.
    """

    def __init__(self, folder: Path | None, digest: str) -> None:
        self.missing = ""
        self._series: dict[str, Series] = {}
        if folder is None:
            self.missing = "a journal in memory has no bars beside it"
            return
        try:
            self._series = {one.symbol: one for one in saved_bars(folder / DATA, digest).series}
        except FeedError as error:
            self.missing = f"the bars are not beside the journal: {error}"

    def at(self, symbol: str, at_us: int) -> Bar | None:
        """Find a symbol's bar of exactly this time."""
        bar = self.until(symbol, at_us)
        return bar if bar is not None and bar.at_us == at_us else None

    def until(self, symbol: str, at_us: int) -> Bar | None:
        """Find a symbol's last bar up to a time."""
        return self._row(symbol, bisect_right(self._times(symbol), at_us) - 1)

    def after(self, symbol: str, at_us: int) -> Bar | None:
        """Find a symbol's first bar behind a time."""
        return self._row(symbol, bisect_right(self._times(symbol), at_us))

    def between(self, symbol: str, first_us: int, last_us: int) -> list[Bar]:
        """Find a symbol's bars from one time to another, both included."""
        times = self._times(symbol)
        rows = range(bisect_left(times, first_us), bisect_right(times, last_us))
        return [bar for row in rows if (bar := self._row(symbol, row)) is not None]

    def _times(self, symbol: str) -> Sequence[int]:
        series = self._series.get(symbol)
        times: Sequence[int] = () if series is None else series.at_us  # type: ignore[assignment]
        return times

    def _row(self, symbol: str, row: int) -> Bar | None:
        one = self._series.get(symbol)
        if one is None or not 0 <= row < len(one):
            return None
        prices = (float(column[row]) for column in (one.open, one.high, one.low, one.close, one.volume))
        return Bar(symbol, int(one.at_us[row]), *prices)
