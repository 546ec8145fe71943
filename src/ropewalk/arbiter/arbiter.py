"""
The arbiter: settles all intents of an instant as one batch, and answers each exactly once.

In this order, whoever spoke or subscribed first: every intent is sized at the last closes; wishes
of several strategies for one symbol are a conflict, which the policy settles; then limits, exits
before entries. Capital that an exit frees comes back when the exit fills, not when it is granted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ropewalk.arbiter.allocation import StrategyAllocation
from ropewalk.arbiter.limits import within_allocation
from ropewalk.arbiter.policies import ConflictPolicy, Outcome, checked
from ropewalk.arbiter.wishes import Wish, wish_of
from ropewalk.bus import Bus, Phase
from ropewalk.events import Conflict, Cutoff, Decision, Fill, Intent, Lapse, Transfer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ropewalk.market.history import History
    from ropewalk.market.standing import Standings

class Arbiter:
    """One allocation a strategy, one decision an intent."""

    def __init__(
        self,
        bus: Bus,
        history: History,
        standings: Standings,
        *,
        strategies: Sequence[str],
        policy: ConflictPolicy,
        headroom_bps: int = 500,
    ) -> None:
        self._bus = bus
        self._history = history
        self._standings = standings
        self._seats = {strategy: seat for seat, strategy in enumerate(strategies)}
        self._symbols = dict.fromkeys(history.symbols)
        self._policy = policy
        self._headroom_bps = headroom_bps
        self._batch: list[tuple[int, Intent]] = []
        self._valued: dict[str, StrategyAllocation] = {}
        self.allocations = {strategy: StrategyAllocation(strategy) for strategy in strategies}
        for event_type, receiver in (
            (Transfer, self.on_transfer),
            (Intent, self.on_intent),
            (Cutoff, self.on_cutoff),
            (Fill, self.on_end_of_order),
            (Lapse, self.on_end_of_order),
        ):
            bus.subscribe(event_type, receiver, phase=Phase.ARBITER)

    def on_transfer(self, transfer: Transfer) -> None:
        """Follow capital that moved; the pool has no allocation."""
        for strategy, micros in ((transfer.giver, -transfer.micros), (transfer.taker, transfer.micros)):
            if strategy:
                self.allocations[strategy].allocated_micros += micros

    def on_intent(self, intent: Intent) -> None:
        """Keep an intent for the cutoff."""
        self._batch.append((self._bus.number, intent))

    def on_end_of_order(self, event: Fill | Lapse) -> None:
        """Take back what was reserved."""
        self.allocations[event.strategy].release(event.released_micros)

    def on_cutoff(self, cutoff: Cutoff) -> None:
        """Settle the batch."""
        if not self._batch:
            return
        batch, self._batch = self._batch, []
        self._valued.clear()
        wishes = [self._wish(number, intent) for number, intent in batch]
        outcomes = self._settle_conflicts(cutoff.at_us, wishes) if len(wishes) > 1 else {}
        decisions = {}
        for wish in sorted(wishes, key=_entries_last) if len(wishes) > 1 else wishes:
            decisions[wish.number] = self._decide(cutoff.at_us, wish, outcomes.get(wish.number))
        for number, _ in batch:
            self._bus.publish(decisions[number], cause=number)

    def _wish(self, number: int, intent: Intent) -> Wish:
        strategy, symbol = intent.strategy, intent.symbol
        seat = self._seats[strategy]
        if symbol not in self._symbols:
            return Wish(number, seat, strategy, symbol, flaw="unknown_symbol")
        return wish_of(
            intent,
            number,
            seat=seat,
            standing=self._standings[strategy],
            mark_micros=self._history.mark_micros(symbol),
            capital_micros=lambda: self._allocation(strategy).allocated_micros,
        )

    def _allocation(self, strategy: str) -> StrategyAllocation:
        # Valued at most once a batch, and only for strategies that ask for capital.
        allocation = self._valued.get(strategy)
        if allocation is None:
            allocation = self._valued[strategy] = self.allocations[strategy]
            standing = self._standings[strategy]
            allocation.revalue(
                allocated_micros=standing.limit_micros(self._history),
                used_micros=standing.gross_micros(self._history),
            )
        return allocation

    def _settle_conflicts(self, at_us: int, wishes: Sequence[Wish]) -> dict[int, Outcome]:
        by_symbol: dict[str, list[Wish]] = {}
        for wish in wishes:
            if wish.side:
                by_symbol.setdefault(wish.symbol, []).append(wish)
        outcomes: dict[int, Outcome] = {}
        for symbol in sorted(by_symbol):
            wanted = by_symbol[symbol]
            if any(wish.seat != wanted[0].seat for wish in wanted):
                wanted.sort(key=_by_seat)
                settled = checked(self._policy, wanted, self._policy.settle(tuple(wanted)))
                outcomes.update(zip((wish.number for wish in wanted), settled, strict=True))
                self._bus.publish(_conflict(at_us, self._policy.name, wanted, settled))
        return outcomes

    def _decide(self, at_us: int, wish: Wish, outcome: Outcome | None) -> Decision:
        if wish.flaw != "in_full":
            return Decision(at_us, wish.strategy, wish.symbol, "refused", wish.flaw, 0)
        asked, close_asked, side = wish.asked_micros, wish.close_lots, wish.side
        allowed, closing = (asked, close_asked) if outcome is None else outcome
        granted = reserved = limit = used = 0
        if asked:
            allocation = self._allocation(wish.strategy)
            limit, used = allocation.allocated_micros, allocation.used_micros + allocation.reserved_micros
            granted, reserved = within_allocation(
                asked_micros=allowed,
                available_micros=allocation.available_micros,
                is_counted=wish.open_lots > 0,
                headroom_bps=self._headroom_bps,
            )
            if granted < wish.mark_micros:
                # Less than one lot is no grant: it could only lapse.
                granted = reserved = 0
            allocation.allocate(reserved)
        if granted == asked and closing == close_asked:
            verdict, reason = "granted", "in_full"
        else:
            verdict = "trimmed" if granted or closing else "refused"
            reason = "policy" if granted == allowed else "allocation"
        return Decision(
            at_us,
            wish.strategy,
            wish.symbol,
            verdict,
            reason,
            side,
            asked,
            granted,
            reserved,
            side * closing,
            side * wish.open_lots if granted else 0,
            limit,
            used,
        )


def _entries_last(wish: Wish) -> bool:
    return wish.asked_micros > 0


def _by_seat(wish: Wish) -> tuple[int, int]:
    return wish.seat, wish.number


def _conflict(at_us: int, policy: str, wishes: Sequence[Wish], outcomes: Sequence[Outcome]) -> Conflict:
    return Conflict(
        at_us,
        wishes[0].symbol,
        "crowded" if all(wish.side == wishes[0].side for wish in wishes) else "opposed",
        policy,
        tuple(wish.number for wish in wishes),
        tuple(wish.strategy for wish in wishes),
        tuple(wish.side for wish in wishes),
        tuple(wish.asked_micros for wish in wishes),
        tuple(outcome.allowed_micros for outcome in outcomes),
        tuple(wish.side * wish.close_lots for wish in wishes),
        tuple(wish.side * outcome.allowed_close_lots for wish, outcome in zip(wishes, outcomes, strict=True)),
    )
