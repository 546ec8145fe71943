"""Round trips on the price of their symbol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ropewalk.charts.canvas import GAIN, LOSS, QUIET, canvas, color_of
from ropewalk.charts.thinning import POINTS_MAX, kept_rows

if TYPE_CHECKING:
    from collections.abc import Sequence


class Trip(NamedTuple):
    """One round trip to draw: whose, +1 long or −1 short, times, prices per share, and what it earned in currency."""

    strategy: str
    direction: int
    opened: Any
    closed: Any
    entry: float
    exit: float
    net: float


def round_trips(symbol: str, times: Any, closes: Any, trips: Sequence[Trip], *, points_max: int = POINTS_MAX) -> Any:
    """
    Draw a symbol's closes and the round trips on them: a triangle where each began, a line to where it ended.

    Of more trips of one strategy than `points_max` those are drawn that began or ended highest or lowest of their
    neighbours, gained or lost most; the title says how many.
    """
    drawn = {
        strategy: _thinned([trip for trip in trips if trip.strategy == strategy], points_max)
        for strategy in dict.fromkeys(trip.strategy for trip in trips)
    }
    count = sum(map(len, drawn.values()))
    of = "" if count == len(trips) else f": {count:,} of {len(trips):,} drawn"
    figure = canvas(f"Round trips in {symbol}{of}", y_title="price")
    rows = kept_rows([closes], points_max=points_max)
    figure.add_scatter(
        x=times[rows], y=closes[rows], name="close", mode="lines", line={"color": QUIET, "width": 1}, hoverinfo="skip"
    )
    for seat, (strategy, own) in enumerate(drawn.items()):
        figure.add_scatter(
            x=[at for trip in own for at in (trip.opened, trip.closed, None)],
            y=[price for trip in own for price in (trip.entry, trip.exit, None)],
            name=strategy,
            mode="lines",
            line={"color": color_of(seat), "width": 1.5},
            legendgroup=strategy,
            hoverinfo="skip",
        )
        _add_ends(figure, strategy, own)
    figure.update_layout(hovermode="closest")
    return figure


def _thinned(trips: Sequence[Trip], points_max: int) -> list[Trip]:
    columns = [np.array(column) for column in zip(*((one.entry, one.exit, one.net) for one in trips), strict=True)]
    return [trips[row] for row in kept_rows(columns, points_max=points_max)]


def _add_ends(figure: Any, strategy: str, trips: Sequence[Trip]) -> None:
    common = {"mode": "markers", "legendgroup": strategy, "showlegend": False}
    sides = ["long" if trip.direction > 0 else "short" for trip in trips]
    figure.add_scatter(
        x=[trip.opened for trip in trips],
        y=[trip.entry for trip in trips],
        name=strategy,
        marker={"symbol": ["triangle-up" if trip.direction > 0 else "triangle-down" for trip in trips], "size": 8},
        marker_color=[GAIN if trip.net > 0 else LOSS for trip in trips],
        text=sides,
        hovertemplate=f"{strategy}, %{{text}}<br>in at %{{y:,.4f}}<br>%{{x}}<extra></extra>",
        **common,
    )
    figure.add_scatter(
        x=[trip.closed for trip in trips],
        y=[trip.exit for trip in trips],
        name=strategy,
        marker={"symbol": "circle-open", "size": 6},
        marker_color=[GAIN if trip.net > 0 else LOSS for trip in trips],
        text=[f"{trip.net:+,.2f}" for trip in trips],
        hovertemplate=f"{strategy}, %{{text}}<br>out at %{{y:,.4f}}<br>%{{x}}<extra></extra>",
        **common,
    )
