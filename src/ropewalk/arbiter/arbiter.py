"""
The arbiter: settles all intents of an instant as one batch, and answers each exactly once.

In this order, whoever spoke or subscribed first: every intent is sized at the last closes; wishes
that get in each other's way, or in that of another strategy's position, are a conflict, which the symbol's
policy settles; then limits, exits before entries, entries by seat and number. What no policy shares out, no limit
does: the earlier seat is served first. Capital that an exit frees comes back when the exit fills, not when it is
granted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from ropewalk.arbiter.conflicts import Rule, conflict_of, faced, in_seat_order, is_faced, kind_of, would_face
from ropewalk.arbiter.desk import Desk
from ropewalk.arbiter.exposure import Fences
from ropewalk.arbiter.limits import within_allocation
from ropewalk.arbiter.policies import ConflictPolicy, Outcome, settled
from ropewalk.arbiter.wishes import Holder, Planned, Size, Wish, flawed, on_paper, planned_for, size_of
from ropewalk.bus import Bus, Phase
from ropewalk.events import Cutoff, DataEnded, Decision, Intent, Suspension, Transfer, Verdict
from ropewalk.reasons import LIMITS, Reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ropewalk.arbiter.allocation import StrategyAllocation
    from ropewalk.market.history import History
    from ropewalk.market.standing import Standings


class Arbiter:
    """
    One allocation a strategy, one decision an intent.

    `strategies` maps each strategy, in the order of seats, to the symbols it may trade; `policies` symbols to
    policies of their own. `fences` are the limits beside the allocations; a run without any has None.
    """

    def __init__(
        self,
        bus: Bus,
        history: History,
        standings: Standings,
        *,
        strategies: Mapping[str, Sequence[str]],
        policy: ConflictPolicy,
        policies: Mapping[str, ConflictPolicy] | None = None,
        headroom_bps: int = 500,
        fences: Fences | None = None,
    ) -> None:
        self._bus = bus
        self._history = history
        self._holders = standings.holders
        self._rule = Rule(policy)
        self._rules = {symbol: Rule(one) for symbol, one in (policies or {}).items()}
        self._headroom_bps = headroom_bps
        self._fences = fences
        self._batch: list[tuple[int, Intent]] = []
        self._batches = 0
        self._marks: dict[str, int] | None = None
        self._is_last = self._is_over = False
        self._suspended: dict[str, None] = {}
        self._desks = {
            strategy: Desk(seat, symbols, standings[strategy])
            for seat, (strategy, symbols) in enumerate(strategies.items())
        }
        self.allocations = {strategy: desk.allocation for strategy, desk in self._desks.items()}
        self._cutoffs = bus.lane(Cutoff)
        bus.subscribe(Cutoff, self.on_cutoff, phase=Phase.ARBITER, is_on_call=True)
        bus.subscribe(DataEnded, self.on_data_ended, phase=Phase.ARBITER)
        bus.subscribe(Transfer, self.on_transfer, phase=Phase.ARBITER)
        bus.subscribe(Suspension, self.on_suspension, phase=Phase.ARBITER)
        bus.subscribe(Intent, self.on_intent, phase=Phase.ARBITER)

    def on_transfer(self, transfer: Transfer) -> None:
        """Follow capital that moved; the pool has no allocation."""
        for strategy, micros in ((transfer.giver, -transfer.micros), (transfer.taker, transfer.micros)):
            if strategy:
                self.allocations[strategy].allocated_micros += micros

    def on_suspension(self, suspension: Suspension) -> None:
        """Open nothing for a strategy from here on, or again."""
        if suspension.action == "suspend":
            self._suspended[suspension.strategy] = None
        else:
            self._suspended.pop(suspension.strategy, None)

    def on_intent(self, intent: Intent) -> None:
        """Keep an intent for the cutoff; after the last one there is only one answer left."""
        if self._is_over:
            self._bus.publish(self._refusal(intent, "data_ended"), self._bus.number)
            return
        if not self._batch:
            self._cutoffs.wake()
        self._batch.append((self._bus.number, intent))

    def on_data_ended(self, ended: DataEnded) -> None:
        """Hear that the next cutoff is the last."""
        self._is_last = True
        self._cutoffs.wake()

    def on_cutoff(self, cutoff: Cutoff) -> None:
        """Settle the batch."""
        batch, self._batch = self._batch, []
        self._batches += 1
        self._cutoffs.sleep()
        self._is_over = self._is_last
        if len(batch) == 1:
            self._marks = None
            number, intent = batch[0]
            self._bus.publish(self._answer(number, intent), number)
            return
        self._marks = self._history.marks()
        planned: dict[tuple[str, str], Planned] = {}
        wishes = [self._wish(number, intent, planned) for number, intent in batch]
        if self._fences is not None:
            self._fences.close(self._batches, wishes)
        outcomes = self._settle_conflicts(cutoff.at_us, wishes)
        decisions = {
            wish.number: self._decide(wish, outcomes.get(wish.number)) for wish in sorted(wishes, key=_exits_first)
        }
        for number, _ in batch:
            self._bus.publish(decisions[number], number)

    def _answer(self, number: int, intent: Intent) -> Decision:
        """Settle the commonest batch, a single intent: nobody to disagree with, nothing to put in order."""
        strategy, symbol = intent.strategy, intent.symbol
        desk, held = self._desks[strategy], self._holders[symbol]
        size = self._sized(desk, intent, None)
        if size[5] == "in_full":
            side, close_lots, _, asked, _, _ = size
            if not asked:
                return self._exit(strategy, symbol, side, close_lots)
            if self._fences is None and strategy not in self._suspended and not is_faced(strategy, side, asked, held):
                # No policy and no limit has a word in it but the strategy's own capital.
                return self._grant(desk, symbol, size, asked, None)
        wish = Wish(number, desk.seat, strategy, symbol, *size, intent.conviction)
        if strategy in self._suspended:
            wish = on_paper(wish)
        outcomes = self._settle_symbol(self._bus.instant_us, symbol, [wish]) if would_face(wish, held) else {}
        return self._decide(wish, outcomes.get(number))

    def _wish(self, number: int, intent: Intent, planned: dict[tuple[str, str], Planned]) -> Wish:
        strategy, symbol = intent.strategy, intent.symbol
        desk = self._desks[strategy]
        # A strategy's own earlier intents of the instant count as done, so that none is done twice.
        earlier = planned.get((strategy, symbol))
        wish = Wish(number, desk.seat, strategy, symbol, *self._sized(desk, intent, earlier), intent.conviction)
        if strategy in self._suspended:
            wish = on_paper(wish)
        if wish.flaw == "in_full":
            expected = earlier or planned_for(desk.standing, symbol, wish.mark_micros)
            planned[strategy, symbol] = wish.included_in(expected)
        return wish

    def _sized(self, desk: Desk, intent: Intent, planned: Planned | None) -> Size:
        symbol, action = intent.symbol, intent.action
        if intent.flaw or (not intent.amount and action != "target"):
            return flawed("bad_amount")
        if symbol not in desk.symbols:
            return flawed("not_its_symbol" if symbol in self._history.instruments else "unknown_symbol")
        mark = self._history.mark_micros(symbol)
        if mark is None:
            return flawed("no_price")
        capital = 0
        if action != "close" and intent.unit == "fraction":
            capital = self._valued(desk).allocated_micros
        return size_of(intent, planned or planned_for(desk.standing, symbol, mark), mark, capital)

    def _valued(self, desk: Desk) -> StrategyAllocation:
        return desk.valued(self._batches, self._history, self._marks)

    def _settle_conflicts(self, at_us: int, wishes: Sequence[Wish]) -> dict[int, Outcome]:
        by_symbol: dict[str, list[Wish]] = {}
        for wish in wishes:
            if wish.flaw == "in_full":
                by_symbol.setdefault(wish.symbol, []).append(wish)
        outcomes: dict[int, Outcome] = {}
        for symbol in sorted(by_symbol):
            wanted = by_symbol[symbol]
            if len(wanted) > 1 or would_face(wanted[0], self._holders[symbol]):
                outcomes |= self._settle_symbol(at_us, symbol, wanted)
        return outcomes

    def _settle_symbol(self, at_us: int, symbol: str, wishes: Sequence[Wish]) -> dict[int, Outcome]:
        wanted, held = in_seat_order(wishes), self._holders[symbol]
        if any([would_face(wish, held) for wish in wanted]):
            wanted = faced(wanted, self._holders_of(symbol))
        kind = kind_of(wanted)
        if kind is None:
            return {}
        rule = self._rules.get(symbol, self._rule)
        if rule.is_asked:
            wanted = self._weighed(symbol, wanted)
        allowed = settled(rule.policy, wanted)
        over_limit = None
        if kind == "crowded" and self._fences is not None:
            over_limit = self._fences.overrun(self._batches, wanted)
        self._bus.publish(conflict_of(at_us, kind, rule, wanted, allowed, over_limit))
        return {wish.number: outcome for wish, outcome in zip(wanted, allowed, strict=True)}

    def _holders_of(self, symbol: str) -> list[Holder]:
        held = self._holders[symbol]
        return sorted(Holder(self._desks[name].seat, name, holding.quantity) for name, holding in held.items())

    def _weighed(self, symbol: str, wishes: Sequence[Wish]) -> list[Wish]:
        capital = sum(self._valued(desk).allocated_micros for desk in self._desks.values())
        mark = wishes[0].mark_micros
        at_work = sum(desk.standing.committed_micros(symbol, mark) for desk in self._desks.values())
        return [
            replace(
                wish,
                weight_micros=self.allocations[wish.strategy].allocated_micros,
                capital_micros=capital,
                symbol_micros=at_work,
            )
            for wish in wishes
        ]

    def _decide(self, wish: Wish, outcome: Outcome | None) -> Decision:
        side, close_lots, asked, paper = wish.side, wish.close_lots, wish.asked_micros, wish.paper_micros
        if wish.flaw != "in_full":
            return self._refusal(wish, wish.flaw, side=side, asked_micros=paper)
        if not asked and paper:
            return Decision(
                *(self._bus.instant_us, wish.strategy, wish.symbol, "trimmed", "suspended", side, paper),
                close_quantity=side * close_lots,
            )
        if not asked:
            return self._exit(wish.strategy, wish.symbol, side, close_lots)
        allowed = asked if outcome is None else outcome.allowed_micros
        size = side, close_lots, wish.open_lots, asked, wish.mark_micros, wish.flaw
        return self._grant(self._desks[wish.strategy], wish.symbol, size, allowed, wish)

    def _grant(self, desk: Desk, symbol: str, size: Size, allowed: int, wish: Wish | None) -> Decision:
        """Hold what a policy left of an ask against the allocation and, where it is a wish, the limits beside it."""
        side, close_lots, open_lots, asked, mark, _ = size
        opening = 0
        reason: Reason = "in_full"
        allocation = self._valued(desk)
        limit, used = allocation.allocated_micros, allocation.used_micros + allocation.reserved_micros
        available = limit - used if limit > used else 0
        fences = self._fences
        if fences is not None and wish is not None:
            available = fences.available(self._batches, wish, limit, available)
        granted, reserved = within_allocation(allowed, available, self._headroom_bps if open_lots else 0)
        if granted < allowed:
            reason = "allocation" if fences is None else fences.reason
        elif allowed < asked:
            reason = "policy"
        if granted < mark:
            # Less than one lot is no grant: it could only lapse.
            granted = reserved = 0
            reason = "too_small" if reason == "in_full" else reason
        else:
            allocation.allocate(reserved)
            opening = side * open_lots
            if fences is not None and wish is not None:
                fences.grant(wish, reserved)
        at_us, strategy, close = self._bus.instant_us, allocation.strategy, side * close_lots
        verdict: Verdict = "granted"
        if granted < asked:
            verdict = "trimmed" if granted or close_lots else "refused"
            if fences is not None and reason in LIMITS:
                bound = fences.shown(limit, used)
                return Decision(
                    *(at_us, strategy, symbol, verdict, reason, side, asked, granted, reserved),
                    *(close, opening, *bound),
                )
        return Decision(
            at_us, strategy, symbol, verdict, reason, side, asked, granted, reserved, close, opening, limit, used
        )

    def _exit(self, strategy: str, symbol: str, side: int, close_lots: int) -> Decision:
        # What only closes needs no capital, and no policy may stand in its way.
        close = side * close_lots
        return Decision(self._bus.instant_us, strategy, symbol, "granted", "in_full", side, close_quantity=close)

    def _refusal(self, wanted: Intent | Wish, reason: Reason, *, side: int = 0, asked_micros: int = 0) -> Decision:
        limit = used = 0
        if reason == "allocation":
            # A fraction of no capital asks for nothing; the limit that bound is shown all the same.
            allocation = self._valued(self._desks[wanted.strategy])
            limit, used = allocation.allocated_micros, allocation.used_micros + allocation.reserved_micros
        at_us = self._bus.instant_us
        return Decision(
            *(at_us, wanted.strategy, wanted.symbol, "refused", reason, side, asked_micros),
            limit_micros=limit,
            used_micros=used,
        )


def _exits_first(wish: Wish) -> tuple[bool, int, int]:
    return wish.asked_micros > 0, wish.seat, wish.number
