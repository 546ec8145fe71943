"""Limits, as a person types them: shares of capital, kept exactly, and numbers of positions."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from ropewalk.arbiter.limits import AccountLimits, GroupLimit, Limits, StrategyLimits
from ropewalk.arbiter.own_limits import Limit
from ropewalk.config.settings import Exact, Settings
from ropewalk.errors import clipped
from ropewalk.money import exact_fraction, exact_text


def _plain(value: Decimal) -> Decimal:
    # 0.50 and 0.5 are equal, and have to look equal on record.
    return Decimal(exact_text(exact_fraction(value)))


def _named(symbols: list[str]) -> list[str]:
    if not symbols:
        raise ValueError("is empty; name the symbols of the group")
    return sorted(dict.fromkeys(symbols))


def _own(value: Any) -> Any:
    if isinstance(value, type) or not isinstance(value, Limit):
        raise ValueError(f"{clipped(value)} is no limit; give an object with room(ask), in a run file a table with use")
    return value


Share = Annotated[Exact, AfterValidator(_plain)]
"""A share of capital: Decimal, int or text; 0.2 is a fifth."""

Exposure = Annotated[Share, Field(ge=0)]
Part = Annotated[Share, Field(ge=0, le=1)]
Drawdown = Annotated[Share, Field(gt=0, le=1)]
Count = Annotated[int, Field(ge=0)]
OwnLimit = Annotated[Any, BeforeValidator(_own)]


class StrategyLimitSettings(Settings):
    """
    What one strategy may do, beside its allocation.

    `symbol_share` is of its capital, for each symbol; `positions` a number; `drawdown` a share of its highest
    equity: having lost that, it may only reduce.
    """

    symbol_share: Exposure | None = None
    positions: Count | None = None
    drawdown: Drawdown | None = None

    def limits(self) -> StrategyLimits:
        """Make the plain ones."""
        return StrategyLimits(_fraction(self.symbol_share), self.positions, _fraction(self.drawdown))


class GroupSettings(Settings):
    """Symbols that belong together, and the share of capital that may be in them."""

    symbols: Annotated[list[str], AfterValidator(_named)]
    exposure: Exposure


class LimitSettings(Settings):
    """
    What all strategies together may do, and each of them in `strategies`. What is left out is no limit.

    Exposures are shares of the account's capital, `symbol_exposure` for each symbol that `symbols` does not
    name; `leverage` is a multiple of the account's equity, `positions` a number, `cash_reserve` a share of capital.
    `own` are limits of one's own by their names, asked after all others in the order in which they are given.
    """

    gross_exposure: Exposure | None = None
    net_exposure: Exposure | None = None
    symbol_exposure: Exposure | None = None
    symbols: dict[str, Exposure] = Field(default_factory=dict)
    groups: dict[str, GroupSettings] = Field(default_factory=dict)
    leverage: Exposure | None = None
    positions: Count | None = None
    cash_reserve: Part | None = None
    strategies: dict[str, StrategyLimitSettings] = Field(default_factory=dict)
    own: dict[str, OwnLimit] = Field(default_factory=dict)

    def recorded(self) -> dict[str, Any]:
        """Say in plain values what is set, and nothing else; of limits of one's own their names and their order."""
        told = self.model_dump(mode="json", exclude_none=True, exclude_defaults=True, exclude={"own"})
        own = {name: {"kind": "own", "place": place} for place, name in enumerate(self.own)}
        return {**told, "own": own} if own else told

    def named_symbols(self) -> list[tuple[str, tuple[str, ...]]]:
        """List the symbols that the data must have, with the places that name them."""
        groups = [(f"limits.groups.{name}.symbols", tuple(group.symbols)) for name, group in self.groups.items()]
        return [("limits.symbols", tuple(self.symbols)), *groups]

    def limits(self) -> Limits:
        """Make the plain ones, groups by name, without strategies that have none."""
        account = AccountLimits(
            _fraction(self.gross_exposure),
            _fraction(self.net_exposure),
            _fraction(self.symbol_exposure),
            {symbol: exact_fraction(share) for symbol, share in self.symbols.items()},
            {
                name: GroupLimit(tuple(group.symbols), exact_fraction(group.exposure))
                for name, group in sorted(self.groups.items())
            },
            _fraction(self.leverage),
            self.positions,
            _fraction(self.cash_reserve),
        )
        each = {name: one.limits() for name, one in self.strategies.items()}
        return Limits(account, {name: one for name, one in each.items() if one != StrategyLimits()}, self.own)


def _fraction(share: Decimal | None) -> Any:
    return None if share is None else exact_fraction(share)
