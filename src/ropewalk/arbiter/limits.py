"""Limits: pure functions from an ask and what is in use to what may be granted."""

from __future__ import annotations

from typing import NamedTuple

from ropewalk.money import divided_down

BPS = 10_000


class Grant(NamedTuple):
    """Capital granted, and capital set aside for it until the fill."""

    granted_micros: int
    reserved_micros: int


def within_allocation(*, asked_micros: int, available_micros: int, is_counted: bool, headroom_bps: int) -> Grant:
    """
    Grant as much of an ask as the strategy's allocation still holds.

    A counted ask, for a number of lots, that is granted in full also sets a headroom aside, as far
    as it is free: a gap at the open and the fees then do not cost it a lot.

    >>> within_allocation(asked_micros=500, available_micros=300, is_counted=False, headroom_bps=0)
    Grant(granted_micros=300, reserved_micros=300)
    >>> within_allocation(asked_micros=500, available_micros=900, is_counted=True, headroom_bps=1_000)
    Grant(granted_micros=500, reserved_micros=550)
    """
    granted = min(asked_micros, available_micros)
    if not is_counted or granted < asked_micros:
        return Grant(granted, granted)
    headroom = divided_down(asked_micros * headroom_bps, BPS)
    return Grant(granted, min(granted + headroom, available_micros))
