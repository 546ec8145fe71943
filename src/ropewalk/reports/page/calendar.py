"""The calendar of a page: returns by month and year, and correlations, as tables whose cells have a colour."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ropewalk.reports.page.figures import NO_VALUE, percent, ratio
from ropewalk.reports.page.series import correlations, monthly

if TYPE_CHECKING:
    from ropewalk.collectors.equity import EquityCurve
    from ropewalk.collectors.result import OrchestratorResult

FULL_MONTH = 0.10
"""A month of ten per cent has the full colour."""
FULL_YEAR = 0.40
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DIVERSIFYING, ALIKE = 0.3, 0.8
"""Correlations below the one diversify, above the other two strategies are nearly one."""


class Cell(NamedTuple):
    """Text, and how strong its colour is, from −100 to 100."""

    text: str
    strength: int = 0


def calendar(curve: EquityCurve) -> list[tuple[int, list[Cell]]]:
    """Make a row for each year: twelve months and the year; a month without a session is blank."""
    months = monthly(curve)
    found = []
    for year in range(min(months)[0], max(months)[0] + 1) if months else ():
        cells, grown = [], 1.0
        for month in range(1, 13):
            value = months.get((year, month))
            cells.append(Cell("") if value is None else _cell(value, full=FULL_MONTH))
            grown *= 1.0 + (value or 0.0)
        has_any = any((year, month) in months for month in range(1, 13))
        cells.append(_cell(grown - 1.0, full=FULL_YEAR) if has_any else Cell(""))
        found.append((year, cells))
    return found


def _cell(value: float, *, full: float) -> Cell:
    strength = round(max(-1.0, min(1.0, value / full)) * 100)
    return Cell(percent(value).removesuffix("\N{NO-BREAK SPACE}%"), strength)


def correlation_rows(result: OrchestratorResult) -> list[tuple[str, list[Cell]]]:
    """Make a row for each strategy: its correlation with every other."""
    names = list(result.strategy_results)
    matrix = correlations([result.equity_curves[name] for name in names])
    return [
        (
            name,
            [Cell(NO_VALUE) if value is None else Cell(ratio(value), round(value * 100)) for value in line],
        )
        for name, line in zip(names, matrix, strict=True)
    ]


def correlation_notes(result: OrchestratorResult) -> list[str]:
    """Name the pairs that diversify, and warn of those that are nearly one."""
    names = list(result.strategy_results)
    matrix = correlations([result.equity_curves[name] for name in names])
    pairs = [
        (f"{name} and {names[other]}", value)
        for seat, name in enumerate(names)
        for other in range(seat + 1, len(names))
        if (value := matrix[seat][other]) is not None
    ]
    diversifying = [pair for pair, value in pairs if value < DIVERSIFYING]
    alike = [pair for pair, value in pairs if value > ALIKE]
    told = []
    if diversifying:
        told.append(f"Diversifying, below {DIVERSIFYING}: {', '.join(diversifying)}.")
    if alike:
        told.append(f"Nearly one, above {ALIKE}: {', '.join(alike)}. Their capital is one bet.")
    return told
