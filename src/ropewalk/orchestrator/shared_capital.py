"""Shared capital: seats the limits beside the allocations, suspensions, and rebalancing between strategies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ropewalk.arbiter.exposure import Fences
from ropewalk.arbiter.limits import Limits
from ropewalk.arbiter.rebalance import Rebalancing
from ropewalk.arbiter.suspension import Suspensions
from ropewalk.money import exact_fraction

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from decimal import Decimal

    from ropewalk.bus import Bus
    from ropewalk.config import OrchestratorConfig
    from ropewalk.market.history import History
    from ropewalk.market.standing import Standings


def fences_of(
    config: OrchestratorConfig, bus: Bus, history: History, standings: Standings, *, strategies: Collection[str]
) -> Fences | None:
    """Seat the limits; None, and nobody seated, where none is set."""
    limits = config.limits.limits()
    if limits == Limits():
        return None
    is_compounding = config.capital_base == "compounding"
    return Fences(bus, history, standings, strategies=strategies, limits=limits, is_compounding=is_compounding)


def seat_capital(
    config: OrchestratorConfig, bus: Bus, history: History, standings: Standings, *, weights: Mapping[str, Decimal]
) -> None:
    """Seat what suspends strategies and what rebalances between them; nobody where a run does neither."""
    rules, rebalancer = config.suspension_rules(), config.rebalancer()
    suspensions = Suspensions(bus, history, standings, rules) if rules else None
    if rebalancer is not None:
        Rebalancing(
            bus,
            history,
            standings,
            weights={name: exact_fraction(weight) for name, weight in weights.items()},
            rebalancer=rebalancer,
            suspended=() if suspensions is None else suspensions.suspended,
        )
