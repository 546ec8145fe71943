"""
What trading costs: commissions and slippage, each behind one small protocol.

A model of one's own is any object with the one method. Costs are integers of micros, rounded against
the strategy.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import msgspec

from ropewalk.money import MICROS, divided_up

BPS = 10_000
MILLIONTHS_OF_A_BP = BPS * MICROS


@runtime_checkable
class Commission(Protocol):
    """What a broker takes for one fill."""

    def commission_micros(self, quantity: int, price_micros: int) -> int:
        """
        Price one fill: `quantity` lots, unsigned, at `price_micros` a lot. Never negative.

        It must not fall when the quantity rises, so that an order can be fitted to its capital.
        """
        ...


@runtime_checkable
class Slippage(Protocol):
    """How far a fill is from the price it started from."""

    def slippage_micros(self, quantity: int, reference_micros: int) -> int:
        """Say how much worse than the reference each of `quantity` lots, unsigned, trades. Never negative."""
        ...


class NoCommission(msgspec.Struct, frozen=True):
    """Trading costs nothing."""

    def commission_micros(self, quantity: int, price_micros: int) -> int:
        """Nothing."""
        return 0


class FixedCommission(msgspec.Struct, frozen=True):
    """The same amount for every fill."""

    amount_micros: int

    def commission_micros(self, quantity: int, price_micros: int) -> int:
        """
        Charge the amount, whatever was traded.

        >>> FixedCommission(amount_micros=4_950_000).commission_micros(10, 1_000_000)
        4950000
        """
        return self.amount_micros


class PerShareCommission(msgspec.Struct, frozen=True):
    """An amount for every lot, and at least a minimum."""

    amount_micros: int
    minimum_micros: int = 0

    def commission_micros(self, quantity: int, price_micros: int) -> int:
        """
        Multiply, and charge the minimum if that is more.

        >>> PerShareCommission(amount_micros=5_000, minimum_micros=1_000_000).commission_micros(1_000, 1)
        5000000
        """
        return max(self.amount_micros * quantity, self.minimum_micros)


class BasisPointCommission(msgspec.Struct, frozen=True):
    """A share of the traded value, in millionths of a basis point, and at least a minimum."""

    rate_micros: int
    minimum_micros: int = 0

    def commission_micros(self, quantity: int, price_micros: int) -> int:
        """
        Charge `value · rate`, rounded up.

        >>> BasisPointCommission(rate_micros=1_000_000).commission_micros(100, 100_000_000)
        1000000
        """
        return max(divided_up(quantity * price_micros * self.rate_micros, MILLIONTHS_OF_A_BP), self.minimum_micros)


class NoSlippage(msgspec.Struct, frozen=True):
    """Every fill is at the price it started from."""

    def slippage_micros(self, quantity: int, reference_micros: int) -> int:
        """Nothing."""
        return 0


class FixedSlippage(msgspec.Struct, frozen=True):
    """The same amount against the strategy for every order, spread over its lots, rounded up."""

    amount_micros: int

    def slippage_micros(self, quantity: int, reference_micros: int) -> int:
        """
        Spread the amount.

        >>> FixedSlippage(amount_micros=1_000_000).slippage_micros(3, 50_000_000)
        333334
        """
        return divided_up(self.amount_micros, max(quantity, 1))


class PerShareSlippage(msgspec.Struct, frozen=True):
    """The same amount against the strategy for every lot."""

    amount_micros: int

    def slippage_micros(self, quantity: int, reference_micros: int) -> int:
        """Return the amount."""
        return self.amount_micros


class BasisPointSlippage(msgspec.Struct, frozen=True):
    """A share of the price against the strategy, in millionths of a basis point."""

    rate_micros: int

    def slippage_micros(self, quantity: int, reference_micros: int) -> int:
        """
        Take `price · rate`, rounded up.

        >>> BasisPointSlippage(rate_micros=5_000_000).slippage_micros(1, 100_000_000)
        50000
        """
        return divided_up(reference_micros * self.rate_micros, MILLIONTHS_OF_A_BP)
