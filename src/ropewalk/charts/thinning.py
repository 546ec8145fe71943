"""Thinning: which points of long curves to draw so that no extreme is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

POINTS_MAX = 4_000
"""A screen has fewer columns than that."""


def points_to_draw(columns: Sequence[Any], *, points_max: int = POINTS_MAX) -> Any:
    """
    Choose rows of columns of one length: all when they are few, else each stretch's ends and extremes.

    Rising indices; every column's lowest and highest value of every stretch is among them, and so are the first and the
    last row. There may be `points_max` of them, or a few more.

    >>> points_to_draw([np.array([0.0, 9.0, 1.0, 2.0, -5.0, 3.0, 4.0, 4.0])], points_max=4).tolist()
    [0, 1, 4, 6, 7]
    """
    rows = len(columns[0]) if columns else 0
    if rows <= points_max:
        return np.arange(rows)
    stretches = max(points_max // (2 * len(columns)), 1)
    bounds = np.linspace(0, rows, stretches + 1).astype(np.int64)
    chosen = [np.array([0, rows - 1])]
    for first, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        if first == end:
            continue
        chosen.append(
            np.array([first + int(pick(column[first:end])) for column in columns for pick in (np.argmin, np.argmax)])
        )
    return np.unique(np.concatenate(chosen))
