"""
Rebalancing: decides when capital is to move between strategies, and raises the cash for it.

At a turn, before anyone speaks, it values every strategy at the closes and asks the rebalancer. What comes of that is
said in events: the plan, sales in the name of who has too much and too little of it in cash, and, as cash is there,
what is to move; the ledger moves it. A month has ended once there is an instant of the next one: nothing looks ahead.
"""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from ropewalk.arbiter.exposure import Peaks
from ropewalk.arbiter.rebalancers import RETURNS_SCALE, Member, asked, every_of, lookback_of, needs_drawdowns
from ropewalk.arbiter.wishes import planned_for
from ropewalk.bus import Bus, Phase
from ropewalk.events import Intent, Reallocation, Rebalance, Transfer, Turn
from ropewalk.money import divided_half_even, divided_up, shared_by_fractions, shared_by_largest_remainder
from ropewalk.notation import EPOCH, timestamp

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    from ropewalk.arbiter.rebalancers import Rebalancer
    from ropewalk.events import Period
    from ropewalk.market.history import History
    from ropewalk.market.standing import Standing, Standings

DAY_US = 86_400_000_000
MICROSECOND = timedelta(microseconds=1)
NOTE = "to rebalance"
"""What the intents say that sell down."""


class Calendar:
    """Tells the first instant of each period from all others; days, and so periods, are those of UTC."""

    __slots__ = ("_end_us", "_every")

    def __init__(self, every: Period) -> None:
        self._every = every
        self._end_us: int | None = None

    def is_due(self, at_us: int) -> bool:
        """Say whether a period begins here; what the first instant of a run begins is no period that has ended."""
        end_us = self._end_us
        if self._every == "instant":
            return True
        if end_us is not None and at_us < end_us:
            return False
        self._end_us = self._next_us(at_us)
        return end_us is not None

    def _next_us(self, at_us: int) -> int:
        """When the period of a time is over."""
        day = at_us // DAY_US
        if self._every == "week":
            # 1970-01-01 was a Thursday; weeks begin on Mondays.
            return ((day + 3) // 7 * 7 + 4) * DAY_US
        moment = timestamp(at_us)
        months = 1 if self._every == "month" else 3
        years, month = divmod(moment.month - 1 - (moment.month - 1) % months + months, 12)
        return (datetime(moment.year + years, month + 1, 1, tzinfo=UTC) - EPOCH) // MICROSECOND


class Returns:
    """The last returns of each strategy from turn to turn, net of capital that came or went, in billionths."""

    def __init__(self, bus: Bus, strategies: Sequence[str], lookback: int) -> None:
        self._base = dict.fromkeys(strategies, 0)
        self.kept: dict[str, deque[int]] = {name: deque(maxlen=lookback) for name in strategies}
        bus.subscribe(Transfer, self.on_transfer, phase=Phase.ARBITER)

    def on_transfer(self, transfer: Transfer) -> None:
        """Count capital into what the next return is of."""
        for strategy, micros in ((transfer.giver, -transfer.micros), (transfer.taker, transfer.micros)):
            if strategy:
                self._base[strategy] += micros

    def take(self, strategy: str, equity_micros: int) -> None:
        """Note what a strategy is worth now; while there is nothing to earn with the return is 0."""
        base = self._base[strategy]
        earned = divided_half_even((equity_micros - base) * RETURNS_SCALE, base) if base > 0 else 0
        self.kept[strategy].append(earned)
        self._base[strategy] = equity_micros


class Worth:
    """What one strategy is worth at the closes, and how much of that it could pay at once."""

    __slots__ = ("equity_micros", "free_micros")

    def __init__(self, standing: Standing, history: History) -> None:
        self.equity_micros, gross = standing.value_micros(history)
        # What shorts brought in is owed, so it is no cash to give away.
        self.free_micros = max(self.equity_micros - gross - standing.reserved_micros, 0)


class Rebalancing:
    """
    The seat of one rebalancer.

    One rebalance is under way at a time; it ends when everything has moved, or when nothing more will come of its
    sales, and a later one takes the place of one that is not over. `weights` are those of all strategies, in seat
    order; `suspended` has those that are on paper now.
    """

    def __init__(
        self,
        bus: Bus,
        history: History,
        standings: Standings,
        *,
        weights: Mapping[str, Fraction],
        rebalancer: Rebalancer,
        suspended: Container[str] = (),
    ) -> None:
        self._bus = bus
        self._history = history
        self._rebalancer = rebalancer
        self._every = every_of(rebalancer)
        self._calendar = Calendar(self._every)
        self._weights = dict(weights)
        self._whole = sum(self._weights.values(), start=Fraction(0))
        self._standings = {name: standings[name] for name in self._weights}
        lookback = lookback_of(rebalancer)
        self._returns = Returns(bus, tuple(self._weights), lookback) if lookback else None
        self._peaks = Peaks(bus, history, self._standings) if needs_drawdowns(rebalancer) else None
        self._suspended = suspended
        self._due: dict[str, int] = {}
        self._pool_due = self._pool_micros = 0
        self._number = 0
        bus.subscribe(Turn, self.on_turn, phase=Phase.LEDGER)

    def on_turn(self, turn: Turn) -> None:
        """Move what a rebalance under way has raised, and ask the rebalancer when that is due."""
        if self._returns is not None:
            for strategy, standing in self._standings.items():
                self._returns.take(strategy, standing.value_micros(self._history)[0])
        is_due = self._calendar.is_due(turn.at_us)
        if self._due and (self._every == "instant" or not is_due):
            self._go_on(turn.at_us)
        elif is_due:
            self._ask(turn.at_us)

    def _ask(self, at_us: int) -> None:
        worth = self._worth()
        managed = self._pool_micros + sum(one.equity_micros for one in worth.values())
        if managed <= 0:
            # There is nothing to share.
            self._due = {}
            return
        shares = asked(
            self._rebalancer, [self._member(name, one.equity_micros, managed) for name, one in worth.items()]
        )
        if shares is None:
            if self._due:
                self._go_on(at_us)
            return
        left = self._whole - sum(shares, start=Fraction(0))
        *targets, pool_target = shared_by_fractions(managed, [*shares, left])
        due = {name: target - worth[name].equity_micros for name, target in zip(worth, targets, strict=True)}
        self._due, self._pool_due = due, pool_target - self._pool_micros
        if not any(due.values()):
            self._due = {}
            return
        self._number = self._bus.publish(
            Rebalance(
                at_us,
                self._rebalancer.name,
                self._every,
                tuple(worth),
                tuple([one.equity_micros for one in worth.values()]),
                tuple(targets),
                self._pool_micros,
                pool_target,
                str(getattr(self._rebalancer, "version", "")),
            )
        )
        self._move(at_us, worth)
        for strategy, micros in self._due.items():
            if micros < 0:
                self._sell_down(at_us, strategy, -micros)
        if not any(self._due.values()):
            self._due = {}

    def _member(self, strategy: str, equity_micros: int, managed_micros: int) -> Member:
        peak = equity_micros if self._peaks is None else max(self._peaks.micros[strategy], equity_micros)
        whole = self._whole
        return Member(
            strategy,
            self._weights[strategy],
            Fraction(whole.numerator * equity_micros, whole.denominator * managed_micros),
            equity_micros,
            Fraction(peak - equity_micros, peak) if peak > 0 else Fraction(0),
            tuple(self._returns.kept[strategy]) if self._returns is not None else (),
            strategy in self._suspended,
        )

    def _worth(self) -> dict[str, Worth]:
        return {name: Worth(standing, self._history) for name, standing in self._standings.items()}

    def _go_on(self, at_us: int) -> None:
        """Move what has become free since, and stop waiting where nothing more will."""
        self._move(at_us, self._worth())
        if not any(micros < 0 and self._standings[name].orders for name, micros in self._due.items()):
            self._due = {}

    def _move(self, at_us: int, worth: Mapping[str, Worth]) -> None:
        """Say what can be paid now; who is to receive shares it in proportion to what it is due."""
        given = {name: min(-micros, worth[name].free_micros) for name, micros in self._due.items() if micros < 0}
        from_pool, total = max(-self._pool_due, 0), sum(given.values())
        total += from_pool
        if not total:
            return
        takers = [(name, micros) for name, micros in (*self._due.items(), ("", self._pool_due)) if micros > 0]
        parts = shared_by_largest_remainder(total, [micros for _, micros in takers])
        taken = {name: part for (name, _), part in zip(takers, parts, strict=True)}
        moved = {name: taken.get(name, 0) - given.get(name, 0) for name in self._due}
        pool_moved = taken.get("", 0) - from_pool
        self._due = {name: micros - moved[name] for name, micros in self._due.items()}
        self._pool_due -= pool_moved
        self._pool_micros += pool_moved
        self._bus.publish(
            Reallocation(
                at_us,
                tuple(moved),
                tuple([worth[name].equity_micros for name in moved]),
                tuple(moved.values()),
                pool_moved,
            ),
            self._number,
        )

    def _sell_down(self, at_us: int, strategy: str, due_micros: int) -> None:
        """Close as much of every position, in proportion to its value, as raises what is due and is not coming yet."""
        standing, history = self._standings[strategy], self._history
        marks = {symbol: history.mark_micros(symbol) or 0 for symbol in sorted(standing.holdings)}
        held = {symbol: planned_for(standing, symbol, mark)[0] for symbol, mark in marks.items()}
        values = {symbol: abs(lots) * marks[symbol] for symbol, lots in held.items()}
        gross = sum(values.values())
        coming = sum(abs(standing.quantity(symbol)) * mark for symbol, mark in marks.items()) - gross
        short = min(due_micros - coming, gross)
        if short <= 0:
            return
        parts = shared_by_largest_remainder(short, list(values.values()))
        for (symbol, lots), part in zip(held.items(), parts, strict=True):
            # Up, so that at unchanged prices the cash suffices.
            closing = min(divided_up(part, marks[symbol]), abs(lots))
            if closing:
                intent = Intent(at_us, strategy, symbol, "close", "quantity", closing, NOTE)
                self._bus.publish(intent, self._number)
