"""
Settings: what a person types, checked strictly, and turned into the core's plain objects.

Unknown keys, numbers in quotes and floats for money are refused: what is not understood is not guessed.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WrapValidator

from ropewalk.arbiter.policies import POLICIES, ConflictPolicy
from ropewalk.errors import clipped, did_you_mean
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
from ropewalk.market.instrument import Instrument
from ropewalk.money import exact_fraction, exact_micros

if TYPE_CHECKING:
    from collections.abc import Mapping

Model = TypeVar("Model", bound="Settings")


def _exact(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (Decimal, int, str)):
        raise ValueError(
            f"{clipped(value)} is a {type(value).__name__}; write a Decimal, an int or a text such as '0.25'"
        )
    exact_fraction(value)
    return Decimal(value)


def _amount(value: Any) -> Decimal:
    exact = _exact(value)
    if exact_micros(exact) < 0:
        raise ValueError(f"{value} is negative; 0 or more")
    return exact


Exact = Annotated[Decimal, BeforeValidator(_exact)]
"""A number kept exactly: Decimal, int or text; floats are refused, since 0.1 is none."""

Amount = Annotated[Decimal, BeforeValidator(_amount)]
"""An amount of currency, 0 or more, with at most six decimals."""


Table = Annotated[dict[str, Any], Field(default_factory=dict)]
"""A table whose keys are looked at elsewhere; empty when there is none."""


class Settings(BaseModel):
    """The house rules for what people type: strict, nothing unknown, nothing changed afterwards."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, arbitrary_types_allowed=True)


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


class InstrumentSettings(Settings):
    """What one `lot` of a symbol is, in shares or coins."""

    lot: Annotated[Exact, Field(gt=0)] = Decimal(1)


def _own_object(protocol: type) -> WrapValidator:
    """Let an object of the user's own pass that has the protocol's methods."""

    def validate(value: Any, handler: Any) -> Any:
        if not isinstance(value, (dict, str)) and isinstance(value, protocol):
            return value
        return handler(value)

    return WrapValidator(validate)


CommissionSettings = Annotated[
    NoCostSettings | FixedSettings | PerShareCommissionSettings | BasisPointCommissionSettings,
    Field(discriminator="kind"),
]
SlippageSettings = Annotated[
    NoCostSettings | FixedSettings | PerShareSlippageSettings | BasisPointSlippageSettings,
    Field(discriminator="kind"),
]


def _policy(value: Any) -> Any:
    if isinstance(value, str):
        if value not in POLICIES:
            raise ValueError(f"there is no policy {value!r}; {did_you_mean(value, POLICIES)}")
        return POLICIES[value]
    if not isinstance(value, ConflictPolicy):
        raise ValueError(
            f"{clipped(value)} is no policy; name one ({', '.join(POLICIES)}) or give name and settle(wishes)"
        )
    return value


class OrchestratorConfig(Settings):
    """
    How a run is run. Every field has a default; each is named in the errors it causes.

    `commission`, `slippage` and `conflict_policy` take settings or an object of one's own. With
    `validate_weights=False` weights may sum to more than 1: the excess is borrowed from the pool,
    free of interest. `quantity_headroom_bps` is set aside beyond what a number of lots costs at
    the last close, so that a gap or fees do not cost a lot. `log_directory` asks for the structured
    log at `logging_level`. `benchmark` names the symbol that beta and alpha are measured against.
    """

    logging_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_directory: str | None = None
    validate_weights: bool = True
    fill_at: Literal["next_open", "close"] = "next_open"
    conflict_policy: Annotated[Any, BeforeValidator(_policy)] = Field(default=POLICIES["independent"])
    capital_base: Literal["compounding", "fixed"] = "compounding"
    commission: Annotated[CommissionSettings, _own_object(Commission)] = NoCostSettings(kind="none")
    slippage: Annotated[SlippageSettings, _own_object(Slippage)] = NoCostSettings(kind="none")
    close_at_end: bool = False
    on_strategy_error: Literal["stop", "suspend", "flatten"] = "stop"
    quantity_headroom_bps: Annotated[int, Field(ge=0, le=10_000)] = 500
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    instruments: dict[str, InstrumentSettings] = Field(default_factory=dict)
    benchmark: str | None = None

    def commission_model(self) -> Commission:
        """Make the commission model that was asked for."""
        asked = cast("Any", self.commission)
        return asked if isinstance(asked, Commission) else asked.commission()

    def slippage_model(self) -> Slippage:
        """Make the slippage model that was asked for."""
        asked = cast("Any", self.slippage)
        return asked if isinstance(asked, Slippage) else asked.slippage()

    def instrument_map(self) -> dict[str, Instrument]:
        """Make the instruments that were declared."""
        return {symbol: Instrument(symbol, declared.lot) for symbol, declared in self.instruments.items()}


def judged(model: type[Model], typed: Mapping[str, Any]) -> Model | list[Any]:
    """Make a model of what a person typed, or list what is wrong with it, as pydantic does."""
    try:
        return model.model_validate(typed)
    except ValidationError as error:
        return list(error.errors(include_url=False))
