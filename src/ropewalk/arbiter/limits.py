"""Limits: pure functions from an ask and what is in use to what may be granted."""

from __future__ import annotations

BPS = 10_000


def within_allocation(asked_micros: int, available_micros: int, headroom_bps: int) -> tuple[int, int]:
    """
    Grant as much of an ask as the strategy's allocation still holds; returns what is granted and what is reserved.

    An ask for a number of lots comes with a headroom: granted in full, it sets that much more aside, as far
    as it is free, so that a gap at the open and the fees do not cost it a lot.

    >>> within_allocation(500, 300, 0)
    (300, 300)
    >>> within_allocation(500, 900, 1_000)
    (500, 550)
    """
    if asked_micros > available_micros:
        return available_micros, available_micros
    if not headroom_bps:
        return asked_micros, asked_micros
    headroom = asked_micros * headroom_bps // BPS
    return asked_micros, min(asked_micros + headroom, available_micros)
