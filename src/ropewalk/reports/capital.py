"""Capital between strategies, in sentences: what rebalances moved, who was suspended when, and what crossed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

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
            f"{count:,} rebalance{'' if count == 1 else 's'} by {last.rebalancer}, {EVERY[last.every]}: "
            f"{currency(moved):,.2f} moved"
        )
        yield f"the last, {last.timestamp:%Y-%m-%d}: {shares(last)}"
    refused = Counter(decision.strategy for decision in result.decisions if decision.reason == "suspended")
    for name in result.started.strategies:
        spans = [*suspended(result, name)]
        if spans:
            count = refused[name]
            yield (
                f"{name} suspended {', '.join(spans)}: {count:,} of its intents "
                f"{'was' if count == 1 else 'were'} kept on paper"
            )


def crossing(result: OrchestratorResult) -> Iterator[str]:
    """Say what the policy net kept inside the account, and what that saved, where it did."""
    if not any(result.crossing):
        return
    total = result.crossing
    yield (
        f"{total.crossed:,.2f} crossed inside the account, which saved {total.saved_commission:,.2f} of commission and "
        f"{total.saved_slippage:,.2f} of slippage"
    )
    for name, one in result.strategy_results.items():
        own = one.crossing
        if any(own):
            saved = f"{own.saved_commission:,.2f} of commission and {own.saved_slippage:,.2f} of slippage"
            yield f"{name}: {own.crossed:,.2f} of its orders crossed; saved {saved}"


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
