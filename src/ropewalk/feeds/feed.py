"""Feed: the bars of a run, checked and complete, wherever they came from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from hashlib import sha256
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ropewalk.errors import FeedError, clipped, did_you_mean
from ropewalk.events import Dividend, Split
from ropewalk.feeds.actions import checked_actions, digested
from ropewalk.feeds.check import shown
from ropewalk.feeds.historical import HistoricalDataBar
from ropewalk.market.series import Series
from ropewalk.notation import EPOCH

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Feed", "HistoricalDataBar"]

SCHEMA = b"ropewalk bars 1: at_us i8, open high low close volume f8, little-endian\n"
DAY_US = 86_400_000_000
MICROSECOND = timedelta(microseconds=1)
FIELDS = ("at_us", "open", "high", "low", "close", "volume")


@dataclass(frozen=True, eq=False)
class Feed:
    """
    Checked bars of one or more symbols, one `Series` a symbol.

    Immutable. `series` stands in the order of the symbols' names whatever order it was given in, and
    no symbol has two. `label` says in a few words where the bars came from; `notes` are sentences
    that belong beside every result made with them. Neither is part of `digest`. `actions` are splits and
    dividends in the order of their times, for prices as they were traded.
    """

    series: tuple[Series, ...]
    label: str = "bars"
    notes: tuple[str, ...] = ()
    actions: tuple[Split | Dividend, ...] = ()

    def __post_init__(self) -> None:
        ordered = tuple(sorted(self.series, key=lambda one: one.symbol))
        if not ordered or not all(len(one) for one in ordered):
            raise FeedError(f"no bars taken from {self.label}: a feed has at least one bar of each of its symbols")
        for one, other in pairwise(ordered):
            if one.symbol == other.symbol:
                raise FeedError(f"no bars taken from {self.label}: {one.symbol} has more than one series")
        object.__setattr__(self, "series", ordered)
        if self.actions:
            object.__setattr__(self, "actions", checked_actions(self.actions, ordered, label=self.label))

    def __repr__(self) -> str:
        span = f"{shown(self.first_us)} to {shown(self.last_us)}"
        actions = f"{len(self.actions)} corporate actions, " if self.actions else ""
        return f"<Feed {self.label}: {len(self.series)} symbols, {self.rows} bars, {actions}{span}>"

    @property
    def symbols(self) -> tuple[str, ...]:
        """The symbols, sorted."""
        return tuple(one.symbol for one in self.series)

    @property
    def rows(self) -> int:
        """The bars of all symbols together."""
        return sum(len(one) for one in self.series)

    @property
    def splits(self) -> tuple[Split, ...]:
        """The splits among the corporate actions."""
        return tuple(action for action in self.actions if isinstance(action, Split))

    @property
    def first_us(self) -> int:
        """The time of the first bar of any symbol."""
        return min(int(one.at_us[0]) for one in self.series)

    @property
    def last_us(self) -> int:
        """The time of the last bar of any symbol."""
        return max(int(one.at_us[-1]) for one in self.series)

    @cached_property
    def digest(self) -> str:
        """SHA-256 over schema, symbols, columns and actions: equal for equal data, whatever they came from."""
        running = sha256(SCHEMA)
        for one in self.series:
            running.update(f"{one.symbol} {len(one)}\n".encode("ascii"))
            for field in FIELDS:
                column = getattr(one, field)
                little = column.astype(column.dtype.newbyteorder("<"), copy=False)
                running.update(np.ascontiguousarray(little).data)
        running.update(digested(self.actions))
        return running.hexdigest()

    def with_actions(self, actions: Iterable[Split | Dividend]) -> Feed:
        """
        Add splits and dividends; they take effect with the first instant at or after their time.

        Prices must be as they were traded. Raises FeedError for actions without bars at or after them, and for
        duplicates.
        """
        return replace(self, actions=(*self.actions, *actions))

    def select(
        self,
        symbols: str | Sequence[str] | None = None,
        *,
        start: str | date | None = None,
        end: str | date | None = None,
    ) -> Feed:
        """
        Take some symbols, and the bars from `start` to `end`, both included.

        Bounds are ISO texts, dates or datetimes; naive ones are UTC. A date as `end` includes that
        whole day. Symbols without a bar between the bounds are left out, and so are corporate actions
        outside the bars that are left of their symbol. Raises FeedError for unknown symbols, for bounds
        that cannot be read, and when nothing is left.
        """
        wanted = self.symbols if symbols is None else (symbols,) if isinstance(symbols, str) else tuple(symbols)
        unknown = [symbol for symbol in wanted if symbol not in self.symbols]
        if unknown:
            findings = [f"F06 {clipped(symbol)}: {did_you_mean(str(symbol), self.symbols)}" for symbol in unknown]
            raise FeedError(f"{self.label} does not have these symbols", findings)
        start_us = None if start is None else bound_us(start, "start")
        end_us = None if end is None else bound_us(end, "end", whole_days=1)
        chosen = [_between(one, start_us, end_us) for one in self.series if one.symbol in wanted]
        kept = tuple(one for one in chosen if len(one))
        if not kept:
            raise FeedError(
                f"nothing of {self.label} is left between {start or 'its start'} and {end or 'its end'}"
                f" for {', '.join(wanted) or 'no symbol'}: it has bars from {shown(self.first_us)}"
                f" to {shown(self.last_us)}"
            )
        spans = {one.symbol: (one.at_us[0], one.at_us[-1]) for one in kept}
        actions = [one for one in self.actions if one.symbol in spans and _is_within(one.at_us, spans[one.symbol])]
        return replace(self, series=kept, actions=tuple(actions))


def _is_within(at_us: int, span: tuple[int, int]) -> bool:
    return span[0] <= at_us <= span[1]


def upto(series: Sequence[Series], at_us: int) -> tuple[Series, ...]:
    """Take the bars up to a time, included; a series may be left without any."""
    return tuple(_between(one, None, at_us) for one in series)


def bound_us(bound: str | date, name: str, *, whole_days: int = 0) -> int:
    """
    Read a bound that a person gave, in microseconds since 1970; naive ones are UTC.

    One that is a date stands at its midnight, or with `whole_days` at the last microsecond of that
    many days. Raises FeedError for what is no date.
    """
    read: object = bound
    if isinstance(bound, str):
        try:
            read = date.fromisoformat(bound) if len(bound) <= len("2020-01-01") else datetime.fromisoformat(bound)
        except ValueError:
            read = bound
    if isinstance(read, datetime):
        return (_aware(read) - EPOCH) // MICROSECOND
    if isinstance(read, date):
        midnight = _aware(datetime(read.year, read.month, read.day))
        return (midnight - EPOCH) // MICROSECOND + whole_days * DAY_US - (1 if whole_days else 0)
    raise FeedError(f"{name} {clipped(bound)} is no date — expected a date, a datetime or a text such as '2020-01-31'")


def _aware(moment: datetime) -> datetime:
    return moment if moment.utcoffset() is not None else moment.replace(tzinfo=UTC)


def _between(one: Series, start_us: int | None, end_us: int | None) -> Series:
    first = 0 if start_us is None else int(np.searchsorted(one.at_us, start_us, side="left"))
    last = len(one) if end_us is None else int(np.searchsorted(one.at_us, end_us, side="right"))
    if first == 0 and last == len(one):
        return one
    rows = slice(first, max(first, last))
    return Series(
        one.symbol,
        at_us=one.at_us[rows],
        open=one.open[rows],
        high=one.high[rows],
        low=one.low[rows],
        close=one.close[rows],
        volume=one.volume[rows],
        made=None if one.made is None else one.made[rows],
        originals=None if one.originals is None else one.originals[rows],
    )
