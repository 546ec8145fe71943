"""Limits: pure functions from an ask and what is in use to what may be granted."""

from __future__ import annotations

BPS = 10_000


def within_allocation(
    *, asked_micros: int, available_micros: int, is_counted: bool, headroom_bps: int
) -> tuple[int, int]:
    """
    Grant as much of an ask as the strategy's allocation still holds; returns what is granted and what is reserved.

    A counted ask, for a number of lots, that is granted in full also sets a headroom aside, as far
    as it is free: a gap at the open and the fees then do not cost it a lot.

    >>> within_allocation(asked_micros=500, available_micros=300, is_counted=False, headroom_bps=0)
    (300, 300)
    >>> within_allocation(asked_micros=500, available_micros=900, is_counted=True, headroom_bps=1_000)
    (500, 550)
    """
    if asked_micros > available_micros:
        return available_micros, available_micros
    if not is_counted:
        return asked_micros, asked_micros
    headroom = asked_micros * headroom_bps // BPS
    return asked_micros, min(asked_micros + headroom, available_micros)
