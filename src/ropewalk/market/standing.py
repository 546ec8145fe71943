"""
Standing: what the events so far say about one strategy.

The ledger owns the money and says what it did in events. This is the other side: those events added
up, for whoever has to know where a strategy stands. Nothing here decides or rounds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from ropewalk.bus import Phase
from ropewalk.events import Decision, Fill, Lapse, Transfer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ropewalk.bus import Bus
    from ropewalk.market.history import History


CapitalBase = Literal["compounding", "fixed"]


class Holding:
    """A quantity held, what it cost, and when it was opened. `cost_micros` has the sign of `quantity`."""

    __slots__ = ("cost_micros", "opened_at_us", "quantity")

    def __init__(self, quantity: int, cost_micros: int, opened_at_us: int) -> None:
        self.quantity = quantity
        self.cost_micros = cost_micros
        self.opened_at_us = opened_at_us


class Standing:
    """
    One strategy's capital, holdings and resting orders, as told by events.

    `holdings` has only symbols that are held; `orders` only symbols with resting orders, each a
    mapping from the number of a decision to the decision.
    """

    __slots__ = (
        "cash_micros",
        "contributed_micros",
        "holdings",
        "is_compounding",
        "orders",
        "reserved_micros",
        "strategy",
    )

    def __init__(self, strategy: str, *, capital_base: CapitalBase = "compounding") -> None:
        self.strategy = strategy
        self.is_compounding = capital_base == "compounding"
        self.contributed_micros = 0
        self.cash_micros = 0
        self.reserved_micros = 0
        self.holdings: dict[str, Holding] = {}
        self.orders: dict[str, dict[int, Decision]] = {}

    def quantity(self, symbol: str) -> int:
        """Signed lots held."""
        holding = self.holdings.get(symbol)
        return holding.quantity if holding is not None else 0

    def equity_micros(self, history: History) -> int:
        """Cash and holdings at the last closes."""
        equity = self.cash_micros
        for symbol, holding in self.holdings.items():
            equity += holding.quantity * (history.mark_micros(symbol) or 0)
        return equity

    def gross_micros(self, history: History) -> int:
        """The capital at work: the sum of all holdings at the last closes, shorts counted positive."""
        gross = 0
        for symbol, holding in self.holdings.items():
            gross += abs(holding.quantity) * (history.mark_micros(symbol) or 0)
        return gross

    def limit_micros(self, history: History) -> int:
        """
        The capital that may be at work.

        Compounding: the strategy's equity. Fixed: what it was given, or its equity if that is less;
        its gains then wait in its cash.
        """
        equity = self.equity_micros(history)
        return equity if self.is_compounding else min(self.contributed_micros, equity)

    def on_decision(self, decision: Decision, number: int) -> None:
        """Note an order that will rest."""
        self.reserved_micros += decision.reserved_micros
        self.orders.setdefault(decision.symbol, {})[number] = decision

    def _end_order(self, symbol: str, number: int, released_micros: int) -> None:
        self.reserved_micros -= released_micros
        resting = self.orders[symbol]
        del resting[number]
        if not resting:
            del self.orders[symbol]

    def on_fill(self, fill: Fill, order: int) -> None:
        """Add what was bought or sold."""
        gross_micros = fill.quantity * fill.price_micros
        self.cash_micros -= gross_micros + fill.commission_micros
        self._end_order(fill.symbol, order, fill.released_micros)
        holding = self.holdings.get(fill.symbol)
        if holding is None:
            self.holdings[fill.symbol] = Holding(fill.quantity, gross_micros, fill.at_us)
            return
        before = holding.quantity
        holding.quantity = before + fill.quantity
        holding.cost_micros += gross_micros + fill.realised_micros
        if holding.quantity == 0:
            del self.holdings[fill.symbol]
        elif before * holding.quantity < 0:
            holding.opened_at_us = fill.at_us

    def on_lapse(self, lapse: Lapse, order: int) -> None:
        """Forget an order that ended unfilled."""
        self._end_order(lapse.symbol, order, lapse.released_micros)


class Standings:
    """The standing of every strategy, kept current before anyone else hears an event."""

    def __init__(self, bus: Bus, strategies: Iterable[str], *, capital_base: CapitalBase = "compounding") -> None:
        self._bus = bus
        self._by_strategy = {strategy: Standing(strategy, capital_base=capital_base) for strategy in strategies}
        for event_type, receiver in (
            (Transfer, self.on_transfer),
            (Decision, self.on_decision),
            (Fill, self.on_fill),
            (Lapse, self.on_lapse),
        ):
            bus.subscribe(event_type, receiver, phase=Phase.MARKET)

    def __getitem__(self, strategy: str) -> Standing:
        return self._by_strategy[strategy]

    def on_transfer(self, transfer: Transfer) -> None:
        """Move capital; the pool has no standing of its own."""
        for strategy, micros in ((transfer.giver, -transfer.micros), (transfer.taker, transfer.micros)):
            if strategy:
                standing = self._by_strategy[strategy]
                standing.contributed_micros += micros
                standing.cash_micros += micros

    def on_decision(self, decision: Decision) -> None:
        """Note an order, unless nothing was granted."""
        if decision.verdict != "refused":
            self._by_strategy[decision.strategy].on_decision(decision, self._bus.number)

    def on_fill(self, fill: Fill) -> None:
        """Add a fill; its cause is the decision that granted it."""
        self._by_strategy[fill.strategy].on_fill(fill, self._bus.cause)

    def on_lapse(self, lapse: Lapse) -> None:
        """End an order; its cause is the decision that granted it."""
        self._by_strategy[lapse.strategy].on_lapse(lapse, self._bus.cause)
