"""The limits that were set for a run, read from its settings as they are recorded: each allocation, then all others."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from ropewalk.collectors.tables import AGGREGATE
from ropewalk.reasons import LIMITS, Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ropewalk.events import Decision


class SetLimit(NamedTuple):
    """
    One limit: whose it is, its name, which is the reason of what it cuts down, and what was set.

    `symbols` are those that it is about, and `scope` what they are called: a symbol or a group. Without any it is about
    all books, or holds for each symbol but those of `exceptions`.
    """

    owner: str
    name: Reason
    setting: Fraction
    scope: str = ""
    symbols: tuple[str, ...] = ()
    exceptions: tuple[str, ...] = ()

    def covers(self, symbol: str) -> bool:
        """Whether it is about a symbol."""
        return symbol in self.symbols if self.symbols else symbol not in self.exceptions

    def is_shown_by(self, decision: Decision) -> bool:
        """Whether a decision shows how much of this limit was in use: the one that bound, else the allocation."""
        if self.owner not in (AGGREGATE, decision.strategy):
            return False
        if self.name == "allocation":
            return decision.reason not in OTHERS and decision.limit_micros > 0
        if decision.reason != self.name:
            return False
        return decision.group == self.scope if self.name == "group_exposure" else self.covers(decision.symbol)


OTHERS = LIMITS[1:]


def limits_set(told: Mapping[str, Any], *, strategies: Sequence[str]) -> list[SetLimit]:
    """List the limits that a run's settings set, in the order in which they are evaluated."""
    named = told.get("strategies", {})
    own = [limit for strategy in strategies for limit in _of_strategy(strategy, named.get(strategy, {}))]
    limits = [SetLimit(strategy, "allocation", Fraction(1)) for strategy in strategies]
    return sorted([*limits, *own, *_of_account(told)], key=lambda limit: LIMITS.index(limit.name))


def _of_strategy(strategy: str, told: Mapping[str, Any]) -> Iterator[SetLimit]:
    names: tuple[tuple[str, Reason], ...] = (
        ("symbol_share", "symbol_share"),
        ("positions", "strategy_positions"),
        ("drawdown", "drawdown"),
    )
    for setting, name in names:
        if setting in told:
            yield SetLimit(strategy, name, Fraction(str(told[setting])))


def _of_account(told: Mapping[str, Any]) -> Iterator[SetLimit]:
    names: tuple[tuple[str, Reason], ...] = (
        ("gross_exposure", "gross_exposure"),
        ("net_exposure", "net_exposure"),
        ("leverage", "leverage"),
        ("positions", "account_positions"),
        ("cash_reserve", "cash_reserve"),
    )
    for setting, name in names:
        if setting in told:
            yield SetLimit(AGGREGATE, name, Fraction(str(told[setting])))
    symbols = told.get("symbols", {})
    if "symbol_exposure" in told:
        share = Fraction(str(told["symbol_exposure"]))
        yield SetLimit(AGGREGATE, "symbol_exposure", share, exceptions=tuple(symbols))
    for symbol, share in symbols.items():
        yield SetLimit(AGGREGATE, "symbol_exposure", Fraction(str(share)), symbol, (symbol,))
    for group, one in told.get("groups", {}).items():
        yield SetLimit(AGGREGATE, "group_exposure", Fraction(str(one["exposure"])), group, tuple(one["symbols"]))
