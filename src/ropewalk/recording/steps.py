"""Steps: which rows of the data belong to an instant, found for many instants at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from ropewalk.market.series import Series


def canonical_times(series: Iterable[Series]) -> NDArray[np.int64]:
    """Take the times of all bars of a data set, in its canonical order: by time, then by symbol."""
    columns = [one.at_us for one in series]
    times = np.concatenate(columns) if columns else np.empty(0, np.int64)
    times.sort(kind="stable")
    return times


def rows_at(times: NDArray[np.int64], instants: Sequence[int]) -> list[tuple[int, int]]:
    """
    Find the rows of each of some instants, in their order, as first and end, the end not included.

    >>> rows_at(np.array([10, 20, 20, 30]), [20, 25])
    [(1, 3), (3, 3)]
    """
    if not instants:
        return []
    # Between the first and the last there is little, and all of it at hand.
    wanted = np.array(instants, np.int64)
    low = int(times.searchsorted(wanted[0], side="left"))
    some = times[low : int(times.searchsorted(wanted[-1], side="right"))]
    firsts = some.searchsorted(wanted, side="left") + low
    ends = some.searchsorted(wanted, side="right") + low
    return list(zip(firsts.tolist(), ends.tolist(), strict=True))
