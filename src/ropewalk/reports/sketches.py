"""Sketches: a curve in one line of characters, a depth as a bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

HEIGHTS = "▁▂▃▄▅▆▇█"
EIGHTHS = ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")


def sparkline(values: Sequence[float], *, width: int) -> str:
    """
    Draw values in at most so many characters, from the lowest to the highest of them.

    Of more values than that, each character shows the last of its stretch. What does not vary is a flat line.

    >>> sparkline([1, 2, 3, 4, 5, 6, 7, 8], width=4), sparkline([5, 5], width=4)
    ('▁▃▆█', '▁▁')
    """
    count = min(len(values), width)
    shown = [float(values[(seat + 1) * len(values) // count - 1]) for seat in range(count)]
    lowest = min(shown, default=0.0)
    span = max(shown, default=0.0) - lowest
    top = len(HEIGHTS) - 1
    return "".join(HEIGHTS[round((value - lowest) / span * top) if span else 0] for value in shown)


def bar(share: float, *, width: int) -> str:
    """
    Draw a share of a width as a bar, to an eighth of a character; what is not nothing shows.

    >>> bar(0.5, width=5), bar(0.001, width=5), bar(0, width=5)
    ('██▌', '▏', '')
    """
    eighths = round(min(max(share, 0.0), 1.0) * width * 8)
    if share > 0:
        eighths = max(eighths, 1)
    return "█" * (eighths // 8) + EIGHTHS[eighths % 8]
