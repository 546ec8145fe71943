"""Excursions: how far against a round trip, and how far for it, the market went while it was open (MAE and MFE)."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Annotated

import msgspec
import numpy as np

from ropewalk.collectors.equity import close_micros
from ropewalk.collectors.figures import Figures, Is, Rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ropewalk.collectors.changes import Int64s
    from ropewalk.collectors.trades import RoundTrip, Stop
    from ropewalk.market.series import Series

NO_TRIP = "no round trip was closed"
SOURCE = "Sweeney, Campaign Trading (1996)"


class Excursion(Figures, frozen=True, kw_only=True):
    """
    What a round trip was worth at its worst and at its best, had it been closed there without further costs.

    Worth is all cash that the trip brought and cost so far, commissions included, and its position at a price. Prices
    are those that surely came while it was open: each fill's own; the close of a bar with a fill of the trip, unless
    it ended there; the open of the bar with its end, unless it began there; low and high of all bars in between. So
    no extreme counts that may have come before the entry or after the exit, and
    `adverse_micros ≤ net_micros ≤ favorable_micros` always holds.
    """

    strategy: str
    symbol: str
    opened_at_us: Annotated[int, Is("microseconds", "time of the first fill", "when it began")]
    closed_at_us: Annotated[int, Is("microseconds", "time of the last fill", "when it was flat")]
    net_micros: Annotated[int, Is("micros", "gross − commission", "what it earned")]
    adverse_micros: Annotated[int, Is("micros", "min(0, min worth)", "maximum adverse excursion (MAE)", source=SOURCE)]
    favorable_micros: Annotated[
        int, Is("micros", "max(0, max worth)", "maximum favorable excursion (MFE)", source=SOURCE)
    ]
    adverse_fraction: Annotated[
        float | None, Is("fraction", "MAE/(entry price·largest position)", "MAE over what it cost", "it cost nothing")
    ]
    favorable_fraction: Annotated[
        float | None, Is("fraction", "MFE/(entry price·largest position)", "MFE over what it cost", "it cost nothing")
    ]


class Ranges(msgspec.Struct, frozen=True, eq=False):
    """One symbol's bars as traded, in micros a lot."""

    at_us: Int64s
    open_micros: Int64s
    high_micros: Int64s
    low_micros: Int64s
    close_micros: Int64s


def ranges_of(series: Series, *, scale: float) -> Ranges:
    """Round a symbol's prices to micros a lot, half to even."""
    columns = (close_micros(one, scale=scale) for one in (series.open, series.high, series.low, series.close))
    return Ranges(series.at_us, *columns)


def excursions(paths: Iterable[tuple[RoundTrip, tuple[Stop, ...]]], *, ranges: Mapping[str, Ranges]) -> Rows[Excursion]:
    """Measure closed round trips, in the order they closed."""
    return Rows(Excursion, [_excursion(trip, stops, ranges[trip.symbol]) for trip, stops in paths], missing=NO_TRIP)


def _excursion(trip: RoundTrip, stops: tuple[Stop, ...], ranges: Ranges) -> Excursion:
    worths = [0, trip.net_micros]
    for stop in stops:
        if stop.price_micros is not None:
            worths.append(stop.cash_micros + stop.lots * stop.price_micros)
    first, last = stops[0].at_us, stops[-1].at_us
    for stop, after in pairwise(stops):
        # Bars of this stop and of the next are only seen in part.
        begin = int(np.searchsorted(ranges.at_us, stop.at_us, side="right"))
        end = int(np.searchsorted(ranges.at_us, after.at_us, side="left"))
        seen = [ranges.low_micros[begin:end], ranges.high_micros[begin:end]]
        if after.at_us > stop.at_us and begin and ranges.at_us[begin - 1] == stop.at_us:
            seen.append(ranges.close_micros[begin - 1 : begin])
        if first <= stop.at_us < after.at_us == last and after.price_micros is not None and end < len(ranges.at_us):
            seen.append(ranges.open_micros[end : end + 1])
        for column in seen:
            if len(column):
                worths += [stop.cash_micros + stop.lots * int(price) for price in (column.min(), column.max())]
    adverse, favorable = min(worths), max(worths)
    cost = trip.entry_price_micros * trip.quantity_max
    return Excursion(
        strategy=trip.strategy,
        symbol=trip.symbol,
        opened_at_us=trip.opened_at_us,
        closed_at_us=trip.closed_at_us,
        net_micros=trip.net_micros,
        adverse_micros=adverse,
        favorable_micros=favorable,
        adverse_fraction=adverse / cost if cost > 0 else None,
        favorable_fraction=favorable / cost if cost > 0 else None,
    )
