"""The words about capital that moves between strategies, and about who may use it; `events` has all others."""

from __future__ import annotations

from typing import Literal

from ropewalk.event import Event

Period = Literal["instant", "week", "month", "quarter"]
SuspensionAction = Literal["suspend", "resume"]
SuspendedBy = Literal["schedule", "drawdown"]


class Rebalance(Event, frozen=True, gc=False):
    """
    How the strategies' capital is shared, and how it is to be: what each is worth, and what it should be worth.

    The tuples stand in seat order. `pool_micros` is what earlier rebalances left in the pool, `pool_target_micros` what
    this one does; with them both columns have one sum. `every` says how often the rebalancer is asked. What a strategy
    cannot pay at once it sells down for, with intents whose cause is this event.
    """

    rebalancer: str
    every: Period
    strategies: tuple[str, ...]
    equity_micros: tuple[int, ...]
    target_micros: tuple[int, ...]
    pool_micros: int = 0
    pool_target_micros: int = 0
    version: str = ""

    @property
    def managed_micros(self) -> int:
        """All that is shared out: what the strategies are worth, and what earlier rebalances left in the pool."""
        return sum(self.equity_micros) + self.pool_micros


class Reallocation(Event, frozen=True, gc=False):
    """
    As much of a rebalance as can be paid now, for the ledger to move: what each strategy takes, negative for givers.

    The tuples stand in seat order; `equity_micros` is what each is worth before. With `pool_moved_micros`, what the
    pool takes, the moves sum to zero. Its cause is the rebalance; transfers follow, whose cause it is.
    """

    strategies: tuple[str, ...]
    equity_micros: tuple[int, ...]
    moved_micros: tuple[int, ...]
    pool_moved_micros: int = 0


class Suspension(Event, frozen=True, gc=False):
    """
    A strategy goes on paper, or comes back: from here on what it wants to open is refused, or judged as before.

    `by` says what it is that began or ended. For a drawdown `peak_micros` was its highest equity and `equity_micros`
    the one at which it was suspended.
    """

    strategy: str
    action: SuspensionAction
    by: SuspendedBy
    peak_micros: int = 0
    equity_micros: int = 0
