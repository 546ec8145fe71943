"""The limits of a run beside the allocations: what was set, how close the books came, and how often each bound."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ropewalk.reports.page.figures import percent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ropewalk.collectors.equity import EquityCurve
    from ropewalk.collectors.result import OrchestratorResult
    from ropewalk.reasons import Reason
    from ropewalk.reports.page.subject import Subject

UNSEEN = "seen only where it bound"
"""Of a limit that is held against single asks: what was not refused is on no record."""


class Limit(NamedTuple):
    """One limit: whose it is, what was set, the closest that the books came, and how often and where first it bound."""

    whose: str
    name: str
    set_to: str
    closest: str
    bound: int
    first: int


def further_limits(subject: Subject) -> list[Limit]:
    """List all limits that were set, beside the allocations."""
    told = subject.settings.get("limits") or {}
    own = [
        _limit(subject, "account", "own_limit", f"{name}, of one's own", "by its own rule", group=name)
        for name in told.get("own", {})
    ]
    return [*_of_account(subject, told), *_of_strategies(subject, told.get("strategies", {})), *own]


def _of_account(subject: Subject, told: dict[str, Any]) -> Iterator[Limit]:
    shares: list[tuple[Reason, str]] = [
        ("gross_exposure", "gross exposure"),
        ("net_exposure", "net exposure"),
        ("leverage", "leverage"),
        ("symbol_exposure", "exposure to a symbol"),
        ("cash_reserve", "cash reserve"),
    ]
    for reason, name in shares:
        if reason in told:
            yield _limit(subject, "account", reason, name, percent(float(told[reason])))
    for symbol, share in told.get("symbols", {}).items():
        yield _limit(
            subject, "account", "symbol_exposure", f"exposure to {symbol}", percent(float(share)), symbol=symbol
        )
    for group, one in told.get("groups", {}).items():
        name = f"exposure to {group} ({', '.join(one['symbols'])})"
        yield _limit(subject, "account", "group_exposure", name, percent(float(one["exposure"])), group=group)
    if "positions" in told:
        yield _limit(subject, "account", "account_positions", "positions", str(told["positions"]))


def _of_strategies(subject: Subject, told: dict[str, Any]) -> Iterator[Limit]:
    for strategy, one in told.items():
        if "symbol_share" in one:
            share = percent(float(one["symbol_share"]))
            yield _limit(subject, strategy, "symbol_share", "share of a symbol", share, strategy=strategy)
        if "positions" in one:
            count = str(one["positions"])
            yield _limit(subject, strategy, "strategy_positions", "positions", count, strategy=strategy)
        if "drawdown" in one:
            share = percent(float(one["drawdown"]))
            yield _limit(subject, strategy, "drawdown", "drawdown", share, strategy=strategy)


def _limit(subject: Subject, whose: str, reason: Reason, name: str, set_to: str, **about: str) -> Limit:
    bound = [
        entry.number
        for entry in subject.record.decisions
        if entry.event.reason == reason and all(getattr(entry.event, field) == value for field, value in about.items())
    ]
    measure = CLOSEST.get(reason)
    is_fixed = subject.settings.get("capital_base") == "fixed"
    closest = None if measure is None or subject.result is None else measure(subject.result, whose, is_fixed)
    return Limit(
        whose, name, set_to, UNSEEN if closest is None else percent(closest), len(bound), min(bound, default=0)
    )


def _gross(result: OrchestratorResult, _: str, is_fixed: bool) -> float | None:
    return _most(result.equity_curve.gross_exposure_micros, result, is_fixed)


def _net(result: OrchestratorResult, _: str, is_fixed: bool) -> float | None:
    return _most(np.abs(result.equity_curve.net_exposure_micros), result, is_fixed)


def _leverage(result: OrchestratorResult, _: str, __: bool) -> float | None:
    return _most(result.equity_curve.gross_exposure_micros, result, False)


def _most(exposure: Any, result: OrchestratorResult, is_fixed: bool) -> float | None:
    """The largest share of the capital, which is the account's equity, or with a fixed base what it began with."""
    equity = result.equity_curve.equity_micros
    capital = np.full(len(equity), result.started.capital_micros) if is_fixed else equity
    is_there = capital > 0
    return float((exposure[is_there] / capital[is_there]).max()) if is_there.any() else None


def _fallen(result: OrchestratorResult, strategy: str, _: bool) -> float | None:
    curve: EquityCurve = result.equity_curves[strategy]
    peaks = np.maximum.accumulate(curve.equity_micros)
    is_there = peaks > 0
    return float((1.0 - curve.equity_micros[is_there] / peaks[is_there]).max()) if is_there.any() else None


CLOSEST: dict[str, Callable[[Any, str, bool], float | None]] = {
    "gross_exposure": _gross,
    "net_exposure": _net,
    "leverage": _leverage,
    "drawdown": _fallen,
}
"""How close the books came to a limit, at the closes."""
