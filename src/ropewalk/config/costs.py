"""What trading costs, as a person types it: a kind and its amounts, each turned into a model of the ledger's."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, WrapValidator
from pydantic_core import PydanticCustomError

from ropewalk.config.settings import Amount, Settings
from ropewalk.ledger.costs import (
    BasisPointCommission,
    BasisPointSlippage,
    Commission,
    FixedCommission,
    FixedSlippage,
    NoCommission,
    NoSlippage,
    PerShareCommission,
    PerShareSlippage,
    Slippage,
)
from ropewalk.money import exact_micros


class NoCostSettings(Settings):
    """Nothing is charged."""

    kind: Literal["none"]

    def commission(self) -> Commission:
        """Make the model."""
        return NoCommission()

    def slippage(self) -> Slippage:
        """Make the model."""
        return NoSlippage()


class FixedSettings(Settings):
    """One `amount` of currency a fill."""

    kind: Literal["fixed"]
    amount: Amount

    def commission(self) -> Commission:
        """Make the model."""
        return FixedCommission(exact_micros(self.amount))

    def slippage(self) -> Slippage:
        """Make the model."""
        return FixedSlippage(exact_micros(self.amount))


class PerShareSlippageSettings(Settings):
    """An `amount` of currency against the strategy for each lot."""

    kind: Literal["per_share"]
    amount: Amount

    def slippage(self) -> Slippage:
        """Make the model."""
        return PerShareSlippage(exact_micros(self.amount))


class PerShareCommissionSettings(Settings):
    """An `amount` of currency for each lot, and at least a `minimum` a fill."""

    kind: Literal["per_share"]
    amount: Amount
    minimum: Amount = Decimal(0)

    def commission(self) -> Commission:
        """Make the model."""
        return PerShareCommission(exact_micros(self.amount), exact_micros(self.minimum))


class BasisPointSlippageSettings(Settings):
    """A `rate` in basis points of the price against the strategy."""

    kind: Literal["basis_points"]
    rate: Amount

    def slippage(self) -> Slippage:
        """Make the model."""
        return BasisPointSlippage(exact_micros(self.rate))


class BasisPointCommissionSettings(Settings):
    """A `rate` in basis points of the traded value, and at least a `minimum` a fill."""

    kind: Literal["basis_points"]
    rate: Amount
    minimum: Amount = Decimal(0)

    def commission(self) -> Commission:
        """Make the model."""
        return BasisPointCommission(exact_micros(self.rate), exact_micros(self.minimum))


def own_object(protocol: type) -> WrapValidator:
    """Let an object of the user's own pass that has the protocol's method."""

    def validate(value: Any, handler: Any) -> Any:
        # A class has the method too, but not what it needs.
        if not isinstance(value, (dict, type)) and isinstance(value, protocol):
            return value
        if isinstance(value, (dict, Settings)):
            return handler(value)
        raise PydanticCustomError(f"{protocol.__name__.lower()}_type", "neither a kind nor an object of one's own")

    return WrapValidator(validate)


CommissionSettings = Annotated[
    NoCostSettings | FixedSettings | PerShareCommissionSettings | BasisPointCommissionSettings,
    Field(discriminator="kind"),
]
SlippageSettings = Annotated[
    NoCostSettings | FixedSettings | PerShareSlippageSettings | BasisPointSlippageSettings,
    Field(discriminator="kind"),
]
