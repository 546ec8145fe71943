"""
Bars given as Python objects: the caller's own, kept as they are and checked as columns.

Any class with `symbol`, `timestamp`, `open`, `high`, `low`, `close` and perhaps `volume` will do.
Naive datetimes are taken as UTC, since most people's bars carry them; but a source in which some
are naive and some are aware cannot be put in order, and is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from numbers import Real
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from ropewalk.errors import FINDINGS_MAX, clipped
from ropewalk.events import Bar
from ropewalk.feeds.check import NUMBERS, Columns, check_symbol, check_times, check_values
from ropewalk.feeds.feed import MICROSECOND, Feed
from ropewalk.feeds.findings import Findings, finding
from ropewalk.market.series import Series
from ropewalk.notation import EPOCH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ropewalk.feeds.findings import Place

EPOCH_NAIVE = EPOCH.replace(tzinfo=None)
SORT_HINT = "sort the list by timestamp"


def objects_feed(data: Mapping[str, Sequence[Any]] | Sequence[Any], *, label: str = "bar objects") -> Feed:
    """
    Make a feed of bar objects: a list of them, or lists of them by symbol.

    Objects of one symbol must stand in rising order of time. `Bar` objects with float prices are
    passed on as they are; all others are kept as the series' `originals`. Raises FeedError.
    """
    findings = Findings(label)
    groups = _by_key(data, findings) if isinstance(data, Mapping) else _by_symbol(data, findings)
    findings.raise_any()
    drafts = [_Draft(symbol, bars, places, findings) for symbol, (bars, places) in groups.items()]
    findings.raise_any()
    naive = [draft.is_naive for draft in drafts if draft.is_naive is not None]
    if any(naive) and not all(naive):
        mixed = ", ".join(f"{draft.symbol} {'naive' if draft.is_naive else 'aware'}" for draft in drafts)
        findings.add(finding("F21", "timestamp", f"is naive for some symbols ({mixed})", expected="all of one kind"))
    series = tuple(draft.series() for draft in drafts)
    findings.raise_any()
    return Feed(series, label=label)


def _by_key(data: Mapping[str, Sequence[Any]], findings: Findings) -> dict[str, tuple[list[Any], Place]]:
    groups: dict[str, tuple[list[Any], Place]] = {}
    if not data:
        findings.add(finding("F05", findings.label, "holds no symbol", expected="lists of bars by symbol"))
    for symbol, given in data.items():
        check_symbol(symbol, f"[{clipped(symbol)}]", findings)
        if isinstance(given, (str, bytes)) or not hasattr(given, "__len__"):
            kind = type(given).__name__
            findings.add(finding("F36", f"[{clipped(symbol)}]", f"is a {kind}", expected="a list of bars"))
            continue
        bars = list(given)
        place = _places(f"[{symbol!r}]", None)
        if not bars:
            findings.add(finding("F05", f"[{clipped(symbol)}]", "holds no bar", expected="at least one"))
        others = [row for row, name in enumerate(_read(bars, "symbol", place, findings)) if name != symbol]
        for row in others[:FINDINGS_MAX]:
            wrong = f"is {clipped(bars[row].symbol)}"
            findings.add(finding("F26", place(row, "symbol"), wrong, expected=f"{symbol!r}, its key"), row=row)
        findings.found += len(others[FINDINGS_MAX:])
        groups[symbol] = (bars, place)
    return groups


def _by_symbol(data: Sequence[Any], findings: Findings) -> dict[str, tuple[list[Any], Place]]:
    bars = list(data)
    if not bars:
        findings.add(finding("F05", findings.label, "holds no bar", expected="at least one"))
    names = _read(bars, "symbol", _places("", None), findings)
    rows_by_symbol: dict[Any, list[int]] = {}
    try:
        for row, name in enumerate(names):
            rows_by_symbol.setdefault(name, []).append(row)
    except TypeError:
        check_symbol(names[row], f"[{row}].symbol", findings)
    for name, rows in rows_by_symbol.items():
        check_symbol(name, f"[{rows[0]}].symbol", findings)
    return {name: ([bars[row] for row in rows], _places("", rows)) for name, rows in rows_by_symbol.items()}


def _places(prefix: str, rows: list[int] | None) -> Place:
    return lambda row, name: f"{prefix}[{row if rows is None else rows[row]}].{name}"


def _read(bars: list[Any], name: str, place: Place, findings: Findings) -> list[Any]:
    """Read one attribute of all bars; those that lack it become findings and nothing is returned."""
    try:
        return list(map(attrgetter(name), bars))
    except AttributeError:
        # A property may raise for one and the same bar only now and then: one finding there is always.
        for row in [row for row, bar in enumerate(bars) if not hasattr(bar, name)] or [0]:
            bar = bars[row]
            hint = "rows that are dicts become bars as a frame: polars.DataFrame(rows)" * isinstance(bar, dict)
            wrong = f"the {type(bar).__name__} {clipped(bar)} has no {name}"
            findings.add(finding("F06", place(row, name), wrong, expected="a bar", hint=hint), row=row)
        raise findings.error() from None


class _Draft:
    """The objects of one symbol on their way to a series."""

    def __init__(self, symbol: str, bars: list[Any], place: Place, findings: Findings) -> None:
        self.symbol = symbol
        self._bars = bars
        self._place = place
        self._findings = findings
        self._are_bars = all(kind is Bar for kind in dict.fromkeys(map(type, bars)))
        self.is_naive: bool | None = None
        if self._are_bars:
            self._at_us = self._whole_numbers([bar.at_us for bar in bars])
        else:
            self._at_us = self._times(_read(bars, "timestamp", place, findings))
        self._numbers = [self._column(name) for name in NUMBERS]

    def series(self) -> Series:
        """Check the columns and make the series; what is wrong goes to the findings."""
        columns = Columns(self._at_us, *self._numbers)
        check_values(columns, self._findings, self._place)
        check_times(columns.at_us, self._findings, self._place, hint=SORT_HINT)
        made = self._bars if self._are_bars else None
        originals = None if self._are_bars else self._bars
        return Series(self.symbol, **columns._asdict(), made=made, originals=originals)

    def _column(self, name: str) -> NDArray[np.float64]:
        if name == "volume" and not self._are_bars:
            values: list[Any] = [getattr(bar, "volume", 0) for bar in self._bars]
        else:
            values = _read(self._bars, name, self._place, self._findings)
        kinds: list[Any] = list(dict.fromkeys(map(type, values)))
        if kinds != [float]:
            # The ledger counts on floats: bars that carry anything else are made anew.
            self._are_bars = False
            usable = [kind for kind in kinds if issubclass(kind, (Real, Decimal)) and kind is not bool]
            if len(usable) != len(kinds):
                self._mark_others(name, values, tuple(usable), expected="a float, a Decimal or an int")
                return np.ones(len(values))
            values = list(map(_as_float, values))
        # Adding zero turns -0.0 into 0.0, so that equal bars have equal bytes.
        return np.array(values, dtype=np.float64) + 0.0

    def _mark_others(self, name: str, values: list[Any], kinds: tuple[type, ...], *, expected: str) -> None:
        for row, value in enumerate(values):
            if type(value) not in kinds:
                wrong = f"{clipped(value)} is a {type(value).__name__}"
                self._findings.add(finding("F36", self._place(row, name), wrong, expected=expected), row=row)

    def _whole_numbers(self, values: list[Any]) -> NDArray[np.int64]:
        if list(dict.fromkeys(map(type, values))) != [int]:
            self._mark_others("at_us", values, (int,), expected="integer microseconds since 1970, UTC")
            return np.zeros(len(values), dtype=np.int64)
        try:
            return np.array(values, dtype=np.int64)
        except OverflowError:
            # Out of range is out of range: the value check tells where.
            return np.array([max(min(value, 2**62), -(2**62)) for value in values], dtype=np.int64)

    def _times(self, values: list[Any]) -> NDArray[np.int64]:
        kinds = list(dict.fromkeys(map(type, values)))
        usable = tuple(kind for kind in kinds if issubclass(kind, date))
        if len(usable) != len(kinds):
            self._mark_others("timestamp", values, usable, expected="an aware datetime, or a date")
            return np.zeros(len(values), dtype=np.int64)
        naive = [isinstance(value, datetime) and value.utcoffset() is None for value in values]
        aware = [isinstance(value, datetime) and value.utcoffset() is not None for value in values]
        if any(naive) and any(aware):
            one, other = self._place(naive.index(True), "timestamp"), self._place(aware.index(True), "timestamp")
            self._findings.add(finding("F21", one, f"is naive, {other} is aware", expected="all of one kind"))
            return np.zeros(len(values), dtype=np.int64)
        self.is_naive = any(naive) if any(naive) or any(aware) else None
        return np.array([_micros(value) for value in values], dtype=np.int64)


def _as_float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf")
    except ValueError:
        return float("nan")


def _micros(value: date) -> int:
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    return (value - (EPOCH if value.tzinfo is not None else EPOCH_NAIVE)) // MICROSECOND
