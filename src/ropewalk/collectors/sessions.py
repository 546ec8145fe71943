"""Sessions: where a curve is sampled before anything is said per year, and how many of them make one."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec
import numpy as np

from ropewalk.collectors.changes import Int64s
from ropewalk.collectors.equity import Float64s, flow_neutral_returns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ropewalk.collectors.equity import EquityCurve

Scalar = TypeVar("Scalar", np.int64, np.float64)

DAY_US = 86_400_000_000
WEEKDAYS_A_YEAR = 252
EVERY_DAY_A_YEAR = 365

# The longest median gap in days, and the periods a year it stands for: each bound lies between the gaps
# it separates (1, 7, 28–31, 90–92 and 365–366 days).
PERIODS_BY_GAP = ((3, WEEKDAYS_A_YEAR), (14, 52), (52, 12), (182, 4))


def session_ends(at_us: Int64s) -> Int64s:
    """
    Find the seats of the last instant of every session; a session is a date in UTC.

    >>> session_ends(np.array([0, 5, DAY_US, DAY_US + 1, 3 * DAY_US])).tolist()
    [1, 3, 4]
    """
    days = at_us // DAY_US
    return np.flatnonzero(np.append(days[1:] != days[:-1], True))[: len(days)]


def at_session_ends(at_us: Int64s, values: NDArray[Scalar]) -> NDArray[Scalar]:
    """Sample a column of a curve, one value an instant, at the last instant of every session."""
    return values[session_ends(at_us)]


def session_days(at_us: Int64s) -> Int64s:
    """List the dates of the sessions as days since 1970."""
    return at_session_ends(at_us, at_us) // DAY_US


def session_returns(curve: EquityCurve) -> Float64s:
    """
    Compute a curve's simple returns from session end to session end, net of flows.

    The first instant is the base: a first session of several instants has a return of its own, a first
    session of one has none. A session in which capital came or went is cut at each flow and its
    parts are compounded in order, so that a flow at noon does not disturb the return of the afternoon.
    """
    if not len(curve):
        return np.empty(0)
    ends = session_ends(curve.at_us)
    at_flows = np.flatnonzero(curve.flow_micros)
    cuts = np.unique(np.concatenate([[0], ends, at_flows]))
    flows = np.diff(np.cumsum(curve.flow_micros)[cuts], prepend=0)
    returns = flow_neutral_returns(curve.equity_micros[cuts], flows)
    is_end = np.isin(cuts[1:], ends)
    if is_end.all():
        return returns
    growth, compounded = 1.0, []
    for part, ends_session in zip(returns.tolist(), is_end.tolist(), strict=True):
        growth *= 1.0 + part
        if ends_session:
            compounded.append(growth - 1.0)
            growth = 1.0
    return np.array(compounded)


class SessionReturns(msgspec.Struct, frozen=True, eq=False):
    """
    One owner's curve as annualised figures see it.

    `returns` are n, `at_us` are n + 1: the base, which is the run's first instant, and then each session's end.
    A run without instants has neither.
    """

    owner: str
    at_us: Int64s
    returns: Float64s
    periods_per_year: int

    def __len__(self) -> int:
        return len(self.returns)


def sampled(curve: EquityCurve) -> SessionReturns:
    """Sample a curve at its session ends, net of flows."""
    returns = session_returns(curve)
    ends = session_ends(curve.at_us)
    times = np.concatenate([curve.at_us[:1], curve.at_us[ends[ends > 0]]])
    return SessionReturns(curve.owner, times, returns, periods_per_year(session_days(curve.at_us)))


def periods_per_year(days: Int64s) -> int:
    """
    Infer how many sessions make a year from the dates of the data: rising, distinct days since 1970.

    By the median gap: daily 252, weekly 52, monthly 12, quarterly 4, else 1. Daily data is that of a
    seven-day market, 365, when Saturdays and Sundays each have at least half of their seventh: an odd
    weekend session does not make one, nor does a week from Sunday to Thursday. Fewer than two sessions
    say nothing: 252, and then no annual metric has a value.

    >>> periods_per_year(np.array([0, 7, 14, 21]))
    52
    """
    if len(days) < 2:
        return WEEKDAYS_A_YEAR
    gaps = np.sort(np.diff(days))
    median = int(gaps[len(gaps) // 2])
    periods = next((periods for longest, periods in PERIODS_BY_GAP if median <= longest), 1)
    if periods != WEEKDAYS_A_YEAR:
        return periods
    # 1970-01-01 was a Thursday: with Monday as 0, day 0 is 3.
    weekdays = (days + 3) % 7
    saturdays, sundays = (int(np.count_nonzero(weekdays == day)) for day in (5, 6))
    return EVERY_DAY_A_YEAR if 14 * min(saturdays, sundays) >= len(days) else WEEKDAYS_A_YEAR
