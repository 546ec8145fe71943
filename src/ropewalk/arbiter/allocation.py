"""Allocations: how much capital each strategy may have at work, and how much of it is free."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ropewalk.errors import LedgerError
from ropewalk.money import currency

if TYPE_CHECKING:
    from decimal import Decimal


class StrategyAllocation:
    """
    Capital lent to one strategy, in micros.

    `allocated` is the limit, `used` what is at work in positions at the last closes, `reserved` what
    is granted and not yet filled, and `available = allocated − used − reserved`, never below zero:
    losses can mark a book below the capital already at work.

    >>> trend = StrategyAllocation("trend", allocated_micros=1_000_000_000)
    >>> trend.allocate(700_000_000)
    >>> trend.can_allocate(400_000_000)
    False
    >>> trend.available_capital
    Decimal('300.000000')
    """

    __slots__ = ("allocated_micros", "reserved_micros", "strategy", "used_micros")

    def __init__(self, strategy: str, *, allocated_micros: int = 0) -> None:
        self.strategy = strategy
        self.allocated_micros = allocated_micros
        self.used_micros = 0
        self.reserved_micros = 0

    @property
    def available_micros(self) -> int:
        """What may still be granted."""
        return max(self.allocated_micros - self.used_micros - self.reserved_micros, 0)

    @property
    def available_capital(self) -> Decimal:
        """What may still be granted, in currency."""
        return currency(self.available_micros)

    def can_allocate(self, amount_micros: int) -> bool:
        """Say whether the amount, zero or more, is free as a whole."""
        return 0 <= amount_micros <= self.available_micros

    def allocate(self, amount_micros: int) -> None:
        """Reserve capital for an order. Raises LedgerError when that much is not free."""
        reserved = self.reserved_micros + amount_micros
        if amount_micros < 0 or (amount_micros and self.used_micros + reserved > self.allocated_micros):
            raise LedgerError(
                f"allocation {self.strategy}: {amount_micros} micros asked of {self.available_micros} available"
            )
        self.reserved_micros = reserved

    def release(self, amount_micros: int) -> None:
        """Give a reserve back. Raises LedgerError when that much is not reserved."""
        if not 0 <= amount_micros <= self.reserved_micros:
            raise LedgerError(
                f"allocation {self.strategy}: {amount_micros} micros released of {self.reserved_micros} reserved"
            )
        self.reserved_micros -= amount_micros
