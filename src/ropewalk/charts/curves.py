"""Curves over time: equity, drawdown, exposure, and how the capital is divided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ropewalk.charts.canvas import ACCOUNT, QUIET, canvas, color_of
from ropewalk.charts.thinning import POINTS_MAX, kept_rows

if TYPE_CHECKING:
    from collections.abc import Sequence


class Curve(NamedTuple):
    """A name and as many values as there are times."""

    name: str
    values: Any


def equity(
    times: Any, account: Curve, parts: Sequence[Curve], *, is_log: bool = False, points_max: int = POINTS_MAX
) -> Any:
    """Draw what the account and its parts were worth, in currency; `is_log` for a logarithmic scale."""
    figure = canvas("Equity", y_title="currency")
    rows = kept_rows([account.values, *(part.values for part in parts)], points_max=points_max)
    at = times[rows]
    for seat, part in enumerate(parts):
        figure.add_scatter(x=at, y=part.values[rows], name=part.name, mode="lines", line=_line(color_of(seat), 1.3))
    figure.add_scatter(x=at, y=account.values[rows], name=account.name, mode="lines", line=_line(ACCOUNT, 2.2))
    figure.update_traces(hovertemplate="%{y:,.2f}")
    if is_log:
        figure.update_yaxes(type="log")
    return figure


def drawdown(times: Any, account: Curve, parts: Sequence[Curve], *, points_max: int = POINTS_MAX) -> Any:
    """Draw how far each was below its highest so far: fractions, 0 or negative."""
    figure = canvas("Drawdown")
    rows = kept_rows([account.values, *(part.values for part in parts)], points_max=points_max)
    at = times[rows]
    figure.add_scatter(
        x=at,
        y=account.values[rows],
        name=account.name,
        mode="lines",
        line=_line(ACCOUNT, 1.5),
        fill="tozeroy",
        fillcolor="rgba(34, 34, 34, 0.12)",
    )
    for seat, part in enumerate(parts):
        figure.add_scatter(x=at, y=part.values[rows], name=part.name, mode="lines", line=_line(color_of(seat), 1.2))
    figure.update_traces(hovertemplate="%{y:.1%}")
    figure.update_yaxes(tickformat=".0%")
    return figure


def exposure(
    times: Any, account: Curve, parts: Sequence[Curve], *, is_net: bool = False, points_max: int = POINTS_MAX
) -> Any:
    """Draw exposures over equity, gross or net: fractions, with NaN where there was no equity to divide by."""
    figure = canvas("Net exposure over equity" if is_net else "Gross exposure over equity")
    columns = [one.values for one in (account, *parts)]
    # A gap is drawn as one: with the points at its edges.
    edges = [np.flatnonzero(np.diff(np.isnan(column))) for column in columns]
    rows = np.unique(np.concatenate([kept_rows(columns, points_max=points_max), *edges, *(edge + 1 for edge in edges)]))
    at = times[rows]
    for seat, part in enumerate(parts):
        figure.add_scatter(x=at, y=part.values[rows], name=part.name, mode="lines", line=_line(color_of(seat), 1.2))
    figure.add_scatter(x=at, y=account.values[rows], name=account.name, mode="lines", line=_line(ACCOUNT, 1.8))
    figure.update_traces(hovertemplate="%{y:.1%}")
    figure.update_yaxes(tickformat=".0%")
    return figure


def allocation(times: Any, parts: Sequence[Curve], pool: Curve, *, points_max: int = POINTS_MAX) -> Any:
    """Draw whose capital the account is over time, one on top of the other: the pool first, then the strategies."""
    figure = canvas("Capital by strategy", y_title="currency")
    rows = kept_rows([pool.values, *(part.values for part in parts)], points_max=points_max)
    colors = [QUIET, *(color_of(seat) for seat in range(len(parts)))]
    for part, color in zip((pool, *parts), colors, strict=True):
        figure.add_scatter(
            x=times[rows],
            y=part.values[rows],
            name=part.name,
            mode="lines",
            line=_line(color, 0.6),
            stackgroup="capital",
        )
    figure.update_traces(hovertemplate="%{y:,.2f}")
    return figure


def _line(color: str, width: float) -> dict[str, Any]:
    return {"color": color, "width": width}
