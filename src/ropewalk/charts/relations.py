"""Relations between strategies: who met whom, and who moves with whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ropewalk.charts.canvas import canvas, heatmap, said

if TYPE_CHECKING:
    from collections.abc import Sequence


def conflicts(names: Sequence[str], opposed: Sequence[Sequence[int]], crowded: Sequence[Sequence[int]]) -> Any:
    """Draw how often each two strategies met: counts in the order of `names`, the diagonal being of no pair."""
    figure = canvas("Conflicts by pair of strategies")
    if not any(map(any, opposed)) and not any(map(any, crowded)):
        return said(figure, "no two strategies wanted the same symbol at the same instant")
    seats = range(len(names))
    counts = [
        [None if row == column else opposed[row][column] + crowded[row][column] for column in seats] for row in seats
    ]
    told = [
        [
            "" if row == column else f"{opposed[row][column]:,} opposed<br>{crowded[row][column]:,} crowded"
            for column in seats
        ]
        for row in seats
    ]
    return heatmap(
        figure, names, names, counts, told, colorscale="Blues", template="%{z:,}", hover="<b>%{y}</b> and <b>%{x}</b>"
    )


def correlation(names: Sequence[str], values: Sequence[Sequence[float | None]]) -> Any:
    """Draw the correlation of each two strategies' returns; None is no value, and its square stays empty."""
    figure = canvas("Correlation of returns")
    if len(names) < 2:
        return said(figure, "one strategy has nobody to correlate with")
    told = [["no value" if value is None else f"{value:+.3f}" for value in row] for row in values]
    return heatmap(
        figure,
        names,
        names,
        values,
        told,
        colorscale="RdBu",
        template="%{z:.2f}",
        hover="<b>%{y}</b> and <b>%{x}</b>",
        reach=1.0,
    )
