"""The calendar of a page: returns by month and year, as a table whose cells have a colour; and the deepest falls."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ropewalk.reports.page.figures import NO_VALUE, count, moment, percent

if TYPE_CHECKING:
    from ropewalk.collectors.result import OrchestratorResult

FULL_MONTH = 0.10
"""A month of ten per cent has the full colour."""
FULL_YEAR = 0.40
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
FALLS_MAX = 5


class Cell(NamedTuple):
    """Text, and how strong its colour is, from −100 to 100."""

    text: str
    strength: int = 0


def calendar(result: OrchestratorResult, owner: str) -> list[tuple[int, list[Cell]]]:
    """Make a row for each year: twelve months and the year; a month without a session is blank."""
    months = {(one.year, one.month): _cell(one.monthly_return, FULL_MONTH) for one in result.monthly_returns(owner)}
    years = {one.year: _cell(one.yearly_return, FULL_YEAR) for one in result.yearly_returns(owner)}
    blank = Cell("")
    return [
        (year, [*(months.get((year, month), blank) for month in range(1, 13)), years.get(year, blank)])
        for year in (range(min(years), max(years) + 1) if years else ())
    ]


def _cell(value: float | None, full: float) -> Cell:
    if value is None:
        return Cell(NO_VALUE)
    strength = round(max(-1.0, min(1.0, value / full)) * 100)
    return Cell(percent(value).removesuffix("\N{NO-BREAK SPACE}%"), strength)


def falls(result: OrchestratorResult) -> list[list[str]]:
    """List the account's deepest falls: depth, from, trough, back, and how many sessions it all lasted."""
    return [
        [
            percent(one.depth),
            moment(one.start_at_us),
            moment(one.trough_at_us),
            "not yet" if one.recovery_at_us is None else moment(one.recovery_at_us),
            count(one.periods),
        ]
        for one in result.drawdowns()[:FALLS_MAX]
    ]
