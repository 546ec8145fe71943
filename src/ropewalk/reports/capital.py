"""Capital between strategies, for the terminal: what rebalances moved, and who was suspended when."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rich.markup import escape

from ropewalk.money import currency

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ropewalk.collectors.result import OrchestratorResult
    from ropewalk.events import Rebalance

EVERY = {
    "instant": "asked at every instant",
    "week": "asked every week",
    "month": "asked every month",
    "quarter": "asked every quarter",
}


def capital(result: OrchestratorResult) -> Iterator[str]:
    """Say what moved between strategies and who was on paper, where anything did or anybody was."""
    if result.rebalances:
        last, count = result.rebalances[-1], len(result.rebalances)
        moved = sum(sum(max(micros, 0) for micros in one.moved_micros) for one in result.reallocations)
        moved += sum(max(one.pool_moved_micros, 0) for one in result.reallocations)
        yield (
            f"{count:,} rebalance{'' if count == 1 else 's'} by {escape(last.rebalancer)}, {EVERY[last.every]}: "
            f"{currency(moved):,.2f} moved"
        )
        yield f"the last, {last.timestamp:%Y-%m-%d}: {escape(shares(last))}"
    refused = Counter(decision.strategy for decision in result.decisions if decision.reason == "suspended")
    for name in result.started.strategies:
        spans = [*suspended(result, name)]
        if spans:
            count = refused[name]
            yield (
                f"{escape(name)} suspended {', '.join(spans)}: {count:,} of its intents "
                f"{'was' if count == 1 else 'were'} kept on paper"
            )


def shares(rebalance: Rebalance) -> str:
    """Show the share of each owner before a rebalance and the one that it is to have, in percent."""
    whole = rebalance.managed_micros
    owners = [*zip(rebalance.strategies, rebalance.equity_micros, rebalance.target_micros, strict=True)]
    if rebalance.pool_micros or rebalance.pool_target_micros:
        owners.append(("the pool", rebalance.pool_micros, rebalance.pool_target_micros))
    return ", ".join(f"{name} {equity / whole:.1%} → {target / whole:.1%}" for name, equity, target in owners)


def suspended(result: OrchestratorResult, strategy: str) -> Iterator[str]:
    """Show each time in which a strategy was suspended: from which day to which, and by what."""
    begun = None
    for one in result.suspensions:
        if one.strategy != strategy:
            continue
        if one.action == "suspend":
            begun = one
        elif begun is not None:
            yield f"{begun.timestamp:%Y-%m-%d} to {one.timestamp:%Y-%m-%d} by {begun.by}"
            begun = None
    if begun is not None:
        yield f"from {begun.timestamp:%Y-%m-%d} on by {begun.by}"
