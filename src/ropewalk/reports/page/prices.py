"""Prices of a page: each traded symbol's closes, with what was filled and the round trips drawn on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ropewalk.charts.thinning import kept_rows
from ropewalk.money import MICROS
from ropewalk.reports.page.curves import US_PER_MS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ropewalk.collectors.recorder import Entry
    from ropewalk.collectors.result import OrchestratorResult
    from ropewalk.collectors.trades import RoundTrip
    from ropewalk.events import Fill
    from ropewalk.market.series import Series
    from ropewalk.reports.page.packing import Pack

POINTS_MAX = 90_000
"""Of all symbols together, and of one at most:"""
POINTS_OF_ONE = 4_000
FILLS_OF_ONE = 3_000
GAP = 6
"""A line is broken where no bar came for so many times the usual, and more than a week."""
WEEK_US = 7 * 86_400_000_000


def prices(result: OrchestratorResult, strategies: Sequence[str], pack: Pack) -> list[dict[str, Any]]:
    """Pack the closes of every symbol that was filled, its fills and its round trips."""
    fills: dict[str, list[Entry[Fill]]] = {}
    for entry in result.record.fills:
        fills.setdefault(entry.event.symbol, []).append(entry)
    trips: dict[str, list[RoundTrip]] = {}
    for trip in result.round_trips:
        trips.setdefault(trip.symbol, []).append(trip)
    points = min(POINTS_OF_ONE, max(200, POINTS_MAX // max(len(fills), 1)))
    seats = {name: seat for seat, name in enumerate(strategies)}
    scales = {symbol: one.scale for symbol, one in result.instruments.items()}
    return [
        {
            "symbol": one.symbol,
            **_line(one, pack, points_max=points),
            **_marks(fills[one.symbol], seats, scales[one.symbol], pack),
            "trips": _trips(trips.get(one.symbol, []), fills[one.symbol], seats, scales[one.symbol], pack),
        }
        for one in result.series
        if one.symbol in fills
    ]


def _line(series: Series, pack: Pack, *, points_max: int) -> dict[str, Any]:
    rows = kept_rows([series.close], points_max=points_max)
    at, close = series.at_us[rows] / US_PER_MS, series.close[rows].astype(np.float64)
    steps = np.diff(series.at_us)
    if len(steps):
        is_gap = steps > max(GAP * int(np.median(steps)), WEEK_US)
        behind = np.unique(np.searchsorted(rows, np.flatnonzero(is_gap) + 1))
        behind = behind[(behind > 0) & (behind < len(rows))]
        at = np.insert(at, behind, at[behind - 1])
        close = np.insert(close, behind, np.nan)
    return {"at": pack.column(at, "f8"), "close": pack.column(close, "f4"), "bars": len(series)}


def _marks(fills: list[Entry[Fill]], seats: dict[str, int], scale: float, pack: Pack) -> dict[str, Any]:
    """The fills; of very many the largest, and `filled` says how many there were."""
    shown = fills
    if len(fills) > FILLS_OF_ONE:
        largest = sorted(fills, key=lambda entry: -abs(entry.event.quantity * entry.event.price_micros))
        shown = sorted(largest[:FILLS_OF_ONE])
    return {
        "filled": len(fills),
        "fills": {
            "number": pack.column([entry.number for entry in shown], "i4"),
            "at": pack.column([entry.event.at_us / US_PER_MS for entry in shown], "f8"),
            "price": pack.column([entry.event.price_micros / scale for entry in shown], "f8"),
            "quantity": pack.column([entry.event.quantity for entry in shown], "f8"),
            "strategy": pack.column([seats[entry.event.strategy] for entry in shown], "u2"),
        },
    }


def _trips(
    trips: list[RoundTrip], fills: list[Entry[Fill]], seats: dict[str, int], scale: float, pack: Pack
) -> dict[str, Any]:
    """The round trips, from the price of the first fill to that of the last: the prices of their days."""
    priced: dict[tuple[str, int], float] = {}
    numbered: dict[tuple[str, int], int] = {}
    for entry in fills:
        key = (entry.event.strategy, entry.event.at_us)
        priced[key] = entry.event.price_micros / scale
        numbered[key] = entry.number
    shown = trips if len(trips) <= FILLS_OF_ONE else sorted(trips, key=_size)[:FILLS_OF_ONE]

    def price(trip: RoundTrip, at_us: int, otherwise: int) -> float:
        return priced.get((trip.strategy, at_us), otherwise / scale)

    return {
        "closed": len(trips),
        "strategy": pack.column([seats[one.strategy] for one in shown], "u2"),
        "opened": pack.column([one.opened_at_us / US_PER_MS for one in shown], "f8"),
        "ended": pack.column([one.closed_at_us / US_PER_MS for one in shown], "f8"),
        "entry": pack.column([price(one, one.opened_at_us, one.entry_price_micros) for one in shown], "f8"),
        "exit": pack.column([price(one, one.closed_at_us, one.exit_price_micros) for one in shown], "f8"),
        "quantity": pack.column([one.direction * one.quantity_max for one in shown], "f8"),
        "net": pack.column([one.net_micros / MICROS for one in shown], "f8"),
        "number": pack.column([numbered.get((one.strategy, one.closed_at_us), 0) for one in shown], "i4"),
    }


def _size(trip: RoundTrip) -> int:
    return -abs(trip.net_micros)
