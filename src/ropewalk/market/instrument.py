"""Instruments: what one lot of a symbol is, and what it costs in micros."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import floor

from ropewalk.money import MICROS, divided_half_even, exact_fraction, price_micros_half_even


class Instrument:
    """
    A tradable symbol and its lot: the smallest quantity that can be held.

    The default lot is one share. A coin traded in thousandths declares `Decimal("0.001")`; a share
    so cheap that a micro is too coarse declares a lot of a thousand. `scale` is micros per unit of
    quoted price for one lot.
    """

    __slots__ = ("lot", "scale", "symbol")

    def __init__(self, symbol: str, lot: Decimal = Decimal(1)) -> None:
        self.symbol = symbol
        self.lot = lot
        self.scale = float(lot) * MICROS

    def price_micros(self, price: float) -> int:
        """Price one lot, rounded half to even."""
        return price_micros_half_even(price, self.scale)

    def whole_lots(self, volume: float) -> int:
        """
        Count the whole lots of a bar's volume, which is in shares.

        >>> Instrument("COIN", Decimal("0.1")).whole_lots(2.55)
        25
        """
        return floor(Fraction(volume) / exact_fraction(self.lot)) if volume > 0 else 0

    def dividend_micros(self, quantity: int, per_share_micros: int) -> int:
        """
        Say what a dividend per share comes to on so many signed lots, rounded once, half to even.

        >>> Instrument("COIN", Decimal("0.001")).dividend_micros(-2500, 3)
        -8
        """
        shares = exact_fraction(self.lot) * quantity
        return divided_half_even(shares.numerator * per_share_micros, shares.denominator)
