"""Drawdowns: every fall of wealth from a peak, with its dates; and how far below its peak wealth stood."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Annotated

import numpy as np

from ropewalk.collectors.figures import Figures, Is, Rows
from ropewalk.collectors.moments import wealth_of
from ropewalk.collectors.return_metrics import Drawdown

if TYPE_CHECKING:
    from ropewalk.collectors.equity import Float64s
    from ropewalk.collectors.sessions import SessionReturns

NONE_FELL = "wealth never fell below its peak"
NO_RETURN = "the run has fewer than two session ends, so there is no return"


class DatedDrawdown(Figures, frozen=True, kw_only=True):
    """
    One fall of wealth from a peak, until the peak was reached again or the run ended.

    It starts at the last session end at the peak. The deepest of all is what `Metrics` has as `max_drawdown`.
    """

    depth: Annotated[float, Is("fraction", "min(W/peak) − 1", "how deep", source="empyrical.max_drawdown")]
    start_at_us: Annotated[int, Is("microseconds", "last time at the peak", "when it began")]
    trough_at_us: Annotated[int, Is("microseconds", "time of the depth", "when it was deepest; of equals the first")]
    recovery_at_us: Annotated[
        int | None, Is("microseconds", "first W ≥ peak after the trough", "when it was made good", "not made good")
    ]
    fall_periods: Annotated[int, Is("sessions", "trough − start", "how long it fell")]
    recovery_periods: Annotated[
        int | None, Is("sessions", "recovery − trough", "how long the way back took", "not made good")
    ]
    periods: Annotated[int, Is("sessions", "recovery or end − start", "how long it lasted in all")]


def drawdowns(sampled: SessionReturns) -> Rows[DatedDrawdown]:
    """List all drawdowns of a curve, the deepest first, of equals the earlier."""
    times = sampled.at_us.tolist()
    falls = [
        DatedDrawdown(
            depth=one.depth,
            start_at_us=times[one.start],
            trough_at_us=times[one.trough],
            recovery_at_us=None if one.recovery is None else times[one.recovery],
            fall_periods=one.trough - one.start,
            recovery_periods=one.recovery_periods,
            periods=one.periods,
        )
        for one in drawdowns_of(sampled.returns)
        if one.start is not None and one.trough is not None
    ]
    falls.sort(key=lambda one: one.depth)
    return Rows(DatedDrawdown, falls, missing=NONE_FELL if len(sampled) else NO_RETURN)


def drawdowns_of(returns: Float64s) -> tuple[Drawdown, ...]:
    """
    Cut returns into drawdowns, in their order: from the last time at a peak until wealth is there again.

    Source: the episodes of which `empyrical.max_drawdown` takes the deepest. None where wealth is beyond a float.
    """
    wealth = wealth_of(returns)
    if not np.isfinite(wealth).all():
        return ()
    found = []
    start, peak, trough = 0, wealth[0], 0
    for seat, value in enumerate(wealth):
        if value >= peak:
            if trough > start:
                found.append(_fall(wealth, start, trough, seat))
            start, peak, trough = seat, value, seat
        elif trough == start or value < wealth[trough]:
            trough = seat
    if trough > start:
        found.append(_fall(wealth, start, trough, None))
    return tuple(found)


def _fall(wealth: list[float], start: int, trough: int, recovery: int | None) -> Drawdown:
    depth = (wealth[trough] - wealth[start]) / wealth[start]
    return Drawdown(depth, start, trough, recovery, (len(wealth) - 1 if recovery is None else recovery) - start)


def underwater(returns: Float64s) -> Float64s:
    """
    Say how far below its peak wealth stands after each return: `W_t / max_{u≤t} W_u − 1`, a fraction ≤ 0.

    Source: empyrical.stats.drawdown_series. Zeros where wealth is beyond a float.
    """
    wealth = np.array(wealth_of(returns))
    if not np.isfinite(wealth).all():
        return np.zeros(len(returns))
    peaks = np.array(list(accumulate(wealth.tolist(), max)))
    fallen: Float64s = (wealth - peaks) / peaks
    return fallen[1:]
