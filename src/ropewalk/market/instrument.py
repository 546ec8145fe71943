"""Instruments: what one lot of a symbol is, and what it costs in micros."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from ropewalk.money import MICROS, price_micros_half_even

if TYPE_CHECKING:
    from ropewalk.events import Bar


class Instrument(msgspec.Struct, frozen=True):
    """
    A tradable symbol and its lot: the smallest quantity that can be held.

    The default lot is one share. A coin traded in thousandths declares `Decimal("0.001")`; a share
    so cheap that a micro is too coarse declares a lot of a thousand.
    """

    symbol: str
    lot: Decimal = Decimal(1)

    @property
    def scale(self) -> float:
        """Micros per unit of quoted price for one lot."""
        return float(self.lot * MICROS)

    def price_micros(self, price: float) -> int:
        """Price one lot, rounded half to even."""
        return price_micros_half_even(price, self.scale)

    def close_micros(self, bar: Bar) -> int:
        """Mark one lot at a bar's close."""
        return price_micros_half_even(bar.close, self.scale)
