"""Sparklines: a curve the size of a word, as SVG that needs no script."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ropewalk.charts.thinning import kept_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

WIDTH, HEIGHT = 120, 28
POINTS_MAX = 120
INSET = 2


def sparkline(values: NDArray[np.float64]) -> str:
    """
    Draw a curve as the points of an SVG polyline; a constant one is a line in the middle.

    >>> sparkline(np.array([1.0, 2.0]))
    '2.0,26.0 118.0,2.0'
    >>> sparkline(np.array([3.0]))
    '2.0,14.0 118.0,14.0'
    """
    known = values[np.isfinite(values)]
    if not len(known):
        return ""
    if len(known) == 1:
        known = np.repeat(known, 2)
    rows = kept_rows([known], points_max=POINTS_MAX)
    low, high = float(known.min()), float(known.max())
    across = INSET + (WIDTH - 2 * INSET) * rows / (len(known) - 1)
    share = (known[rows] - low) / (high - low) if high > low else np.full(len(rows), 0.5)
    down = HEIGHT - INSET - (HEIGHT - 2 * INSET) * share
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(across.tolist(), down.tolist(), strict=True))
