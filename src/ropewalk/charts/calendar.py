"""The calendar: returns by month, a row a year."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ropewalk.charts.canvas import canvas, heatmap, said

if TYPE_CHECKING:
    from collections.abc import Mapping

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def monthly_returns(owner: str, returns: Mapping[tuple[int, int], float | None]) -> Any:
    """Draw returns by year and month (1 to 12): fractions; None is no value, and its square stays empty."""
    figure = canvas(f"Returns by month, {owner}")
    known = [value for value in returns.values() if value is not None]
    if not known:
        return said(figure, "no month has a return")
    years = range(min(year for year, _ in returns), max(year for year, _ in returns) + 1)
    values = [[returns.get((year, month + 1)) for month in range(len(MONTHS))] for year in years]
    told = [["no value" if value is None else f"{value:+.2%}" for value in row] for row in values]
    heatmap(
        figure,
        [str(year) for year in years],
        MONTHS,
        values,
        told,
        colorscale="RdBu",
        template="%{z:.1%}",
        hover="<b>%{x} %{y}</b>",
        reach=max(map(abs, known)) or 1.0,
    )
    return figure.update_traces(colorbar={"tickformat": ".0%"})
