"""Thinning: fewer points for a screen, without hiding an extreme."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

POINTS_MAX = 4_000
"""A screen has fewer columns than that."""


def kept_rows(columns: Sequence[NDArray[np.float64]], *, points_max: int) -> NDArray[np.int64]:
    """
    Choose the rows of some columns to draw: all of them, or the first, the last and the extremes.

    The rows are cut into buckets of equal length; of each bucket and each column the lowest and the highest row is
    kept, so that no peak, no trough and no spike is lost, whatever the zoom. NaN is no extreme.

    >>> column = np.array([5.0, 1.0, 2.0, 9.0, 3.0, 3.0, 3.0, 4.0])
    >>> kept_rows([column], points_max=4).tolist()
    [0, 1, 3, 4, 7]
    """
    rows = len(columns[0]) if columns else 0
    if rows <= points_max:
        return np.arange(rows)
    buckets = max(1, points_max // (2 * len(columns)))
    starts = np.linspace(0, rows, buckets, endpoint=False).astype(np.int64)
    starts = np.unique(starts)
    length = int(np.diff(np.append(starts, rows)).max())
    places = starts[:, None] + np.arange(length)
    # A bucket that is shorter repeats its last row.
    ends = np.append(starts[1:], rows) - 1
    places = np.minimum(places, ends[:, None])
    line = np.arange(len(starts))
    kept = [np.array([0, rows - 1])]
    for column in columns:
        values = column[places]
        for arrange, nothing in ((np.argmin, np.inf), (np.argmax, -np.inf)):
            known = np.where(np.isnan(values), nothing, values)
            kept.append(places[line, arrange(known, axis=1)])
    return np.unique(np.concatenate(kept))
