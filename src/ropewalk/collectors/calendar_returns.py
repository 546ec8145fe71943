"""Calendar returns: session returns compounded by day, month and year of the UTC calendar."""

from __future__ import annotations

import math
from itertools import accumulate
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from ropewalk.collectors.drawdowns import NO_RETURN, underwater
from ropewalk.collectors.figures import Figures, Is, Rows
from ropewalk.collectors.moments import finite, wealth_of

if TYPE_CHECKING:
    from ropewalk.collectors.sessions import SessionReturns

BEYOND = "beyond a float"


class SessionReturn(Figures, frozen=True, kw_only=True):
    """One session: its return, what one unit of money has become by its end, and how far that is below its peak."""

    at_us: Annotated[int, Is("microseconds", "last instant of the session", "when it ended")]
    session_return: Annotated[float, Is("fraction", "(E − flow)/E before − 1", "the session's return, net of flows")]
    wealth: Annotated[float | None, Is("1", "Π(1+r)", "compounded so far", BEYOND, source="empyrical.cum_returns")]
    drawdown: Annotated[
        float, Is("fraction", "W/max W − 1, W₀ = 1", "how far below the peak", source="empyrical.stats.drawdown_series")
    ]


class MonthlyReturn(Figures, frozen=True, kw_only=True):
    """One month in which at least one session ended; the months' returns compound to the total return."""

    year: Annotated[int, Is("year", "of the session's date in UTC", "which year")]
    month: Annotated[int, Is("1 to 12", "of the session's date in UTC", "which month")]
    monthly_return: Annotated[
        float | None, Is("fraction", "Π(1+r) − 1", "the month's return", BEYOND, source="empyrical.aggregate_returns")
    ]
    sessions: Annotated[int, Is("sessions", "n of the month", "session returns it is made of")]


class YearlyReturn(Figures, frozen=True, kw_only=True):
    """One year in which at least one session ended; the years' returns compound to the total return."""

    year: Annotated[int, Is("year", "of the session's date in UTC", "which year")]
    yearly_return: Annotated[
        float | None, Is("fraction", "Π(1+r) − 1", "the year's return", BEYOND, source="empyrical.aggregate_returns")
    ]
    sessions: Annotated[int, Is("sessions", "n of the year", "session returns it is made of")]


def session_rows(sampled: SessionReturns) -> Rows[SessionReturn]:
    """List every session with its return, wealth and drawdown, in order."""
    columns = (
        sampled.at_us[1:].tolist(),
        sampled.returns.tolist(),
        wealth_of(sampled.returns)[1:],
        underwater(sampled.returns).tolist(),
    )
    rows = [
        SessionReturn(at_us=at_us, session_return=value, wealth=finite(wealth), drawdown=fallen)
        for at_us, value, wealth, fallen in zip(*columns, strict=True)
    ]
    return Rows(SessionReturn, rows, missing=NO_RETURN)


def monthly_returns(sampled: SessionReturns) -> Rows[MonthlyReturn]:
    """Compound session returns by month, in order; a month in which no session ended has no row."""
    rows = [
        MonthlyReturn(year=1970 + month // 12, month=month % 12 + 1, monthly_return=grown, sessions=sessions)
        for month, grown, sessions in _compounded(sampled, "datetime64[M]")
    ]
    return Rows(MonthlyReturn, rows, missing=NO_RETURN)


def yearly_returns(sampled: SessionReturns) -> Rows[YearlyReturn]:
    """Compound session returns by year, in order; a year in which no session ended has no row."""
    rows = [
        YearlyReturn(year=1970 + year, yearly_return=grown, sessions=sessions)
        for year, grown, sessions in _compounded(sampled, "datetime64[Y]")
    ]
    return Rows(YearlyReturn, rows, missing=NO_RETURN)


def _compounded(sampled: SessionReturns, unit: Any) -> list[tuple[int, float | None, int]]:
    """Each calendar unit since 1970 with its compounded return and how many sessions ended in it."""
    seats = sampled.at_us[1:].astype("datetime64[us]").astype(unit).astype(np.int64)
    found = []
    for seat in np.unique(seats).tolist():
        growth = (1.0 + sampled.returns[seats == seat]).tolist()
        whole = list(accumulate(growth, lambda wealth, factor: wealth * factor))[-1]
        found.append((seat, finite(whole - 1.0) if math.isfinite(whole) else None, len(growth)))
    return found
