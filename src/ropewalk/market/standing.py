"""
Standing: what the events so far say about one strategy.

The ledger owns the money and says what it did in events. This is the other side: those events added
up, for whoever has to know where a strategy stands. Nothing here decides or rounds.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Literal

from ropewalk.bus import Phase
from ropewalk.events import Adjustment, Decision, Fill, Lapse, Payment, Rebalance, Split, Transfer
from ropewalk.market.actions import requoted
from ropewalk.market.resting import left_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ropewalk.bus import Bus
    from ropewalk.market.history import History


CapitalBase = Literal["compounding", "fixed"]


class Holding:
    """
    A quantity held, what it cost, and when it was opened. `cost_micros` has the sign of `quantity`.

    `shown` is free for whoever shows the holding to keep what does not change with the price; each fill
    clears it.
    """

    __slots__ = ("cost_micros", "opened_at_us", "quantity", "shown")

    def __init__(self, quantity: int, cost_micros: int, opened_at_us: int) -> None:
        self.quantity = quantity
        self.cost_micros = cost_micros
        self.opened_at_us = opened_at_us
        self.shown: tuple[Any, Any, Any] | None = None


class Standing:
    """
    One strategy's capital, holdings and resting orders, as told by events.

    `base_micros` is the capital that it was given, dealt out anew at each rebalance: its worth then, and what it has
    been given or has given since. `holdings` has only symbols that are held; `orders` only symbols with resting
    orders, each a mapping from the number of a decision to the decision.
    """

    __slots__ = (
        "base_micros",
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
        self.base_micros = 0
        self.contributed_micros = 0
        self.cash_micros = 0
        self.reserved_micros = 0
        self.holdings: dict[str, Holding] = {}
        self.orders: dict[str, dict[int, Decision]] = {}

    def quantity(self, symbol: str) -> int:
        """Signed lots held."""
        holding = self.holdings.get(symbol)
        return holding.quantity if holding is not None else 0

    def value_micros(self, history: History, marks: dict[str, int] | None = None) -> tuple[int, int]:
        """
        Equity, and the capital at work in holdings, shorts counted positive, both at the last closes.

        `marks` keeps what was looked up, for others who are valued at the same closes.
        """
        equity, gross = self.cash_micros, 0
        for symbol, holding in self.holdings.items():
            mark = None if marks is None else marks.get(symbol)
            if mark is None:
                mark = history.mark_micros(symbol) or 0
                if marks is not None:
                    marks[symbol] = mark
            value = holding.quantity * mark
            equity += value
            gross += abs(value)
        return equity, gross

    def committed_micros(self, symbol: str, mark_micros: int) -> int:
        """Capital at work in a symbol, shorts counted positive, and what is reserved for it."""
        resting = self.orders.get(symbol, {})
        return abs(self.quantity(symbol)) * mark_micros + sum(order.reserved_micros for order in resting.values())

    def limit_micros(self, equity_micros: int) -> int:
        """
        The capital that may be at work.

        Compounding: the strategy's equity. Fixed: what it was given, or its equity if that is less;
        its gains then wait in its cash.
        """
        return equity_micros if self.is_compounding else min(self.base_micros, equity_micros)

    def end_order(self, symbol: str, number: int, released_micros: int) -> None:
        """Forget an order that was filled or lapsed."""
        if released_micros:
            self.reserved_micros -= released_micros
        resting = self.orders[symbol]
        del resting[number]
        if not resting:
            del self.orders[symbol]

    def cut_order(self, symbol: str, number: int, fill: Fill) -> None:
        """Keep what a fill leaves of an order; the holding has not heard of the fill yet."""
        self.reserved_micros -= fill.released_micros
        resting = self.orders[symbol]
        resting[number] = left_of(resting[number], fill.quantity, self.quantity(symbol), fill.released_micros)


class Standings:
    """
    The standing of every strategy, kept current before anyone else hears an event.

    `holders` maps each symbol that was ever held to the strategies that hold it now and their holdings.
    """

    def __init__(self, bus: Bus, strategies: Iterable[str], *, capital_base: CapitalBase = "compounding") -> None:
        self._bus = bus
        self.holders: defaultdict[str, dict[str, Holding]] = defaultdict(dict)
        self._by_strategy = {strategy: Standing(strategy, capital_base=capital_base) for strategy in strategies}
        for event_type, receiver in (
            (Transfer, self.on_transfer),
            (Decision, self.on_decision),
            (Fill, self.on_fill),
            (Lapse, self.on_lapse),
            (Split, self.on_split),
            (Adjustment, self.on_adjustment),
            (Payment, self.on_payment),
            (Rebalance, self.on_rebalance),
        ):
            bus.subscribe(event_type, receiver, phase=Phase.MARKET)

    def __getitem__(self, strategy: str) -> Standing:
        return self._by_strategy[strategy]

    def on_transfer(self, transfer: Transfer) -> None:
        """Move capital; the pool has no standing of its own."""
        for strategy, micros in ((transfer.giver, -transfer.micros), (transfer.taker, transfer.micros)):
            if strategy:
                standing = self._by_strategy[strategy]
                standing.base_micros += micros
                standing.contributed_micros += micros
                standing.cash_micros += micros

    def on_rebalance(self, rebalance: Rebalance) -> None:
        """Deal capital out anew, gains included; transfers will make the targets of it."""
        for strategy, equity in zip(rebalance.strategies, rebalance.equity_micros, strict=True):
            self._by_strategy[strategy].base_micros = equity

    def on_decision(self, decision: Decision) -> None:
        """Note an order that will rest, unless nothing was granted."""
        if decision.verdict == "refused":
            return
        symbol, number = decision.symbol, self._bus.number
        standing = self._by_strategy[decision.strategy]
        reserved = decision.reserved_micros
        if reserved:
            standing.reserved_micros += reserved
        orders = standing.orders
        if symbol in orders:
            orders[symbol][number] = decision
        else:
            orders[symbol] = {number: decision}

    def on_fill(self, fill: Fill) -> None:
        """Add what was bought or sold; a fill's cause is the decision that granted it."""
        strategy, symbol, quantity = fill.strategy, fill.symbol, fill.quantity
        standing = self._by_strategy[strategy]
        if fill.remaining_quantity:
            standing.cut_order(symbol, self._bus.cause, fill)
        else:
            standing.end_order(symbol, self._bus.cause, fill.released_micros)
        value_micros = quantity * fill.price_micros
        standing.cash_micros -= value_micros + fill.commission_micros
        holdings = standing.holdings
        if symbol not in holdings:
            holdings[symbol] = self.holders[symbol][strategy] = Holding(quantity, value_micros, fill.at_us)
            return
        holding = holdings[symbol]
        before = holding.quantity
        after = before + quantity
        if not after:
            del holdings[symbol], self.holders[symbol][strategy]
            return
        holding.quantity = after
        holding.cost_micros += value_micros + fill.realised_micros
        holding.shown = None
        if (before > 0) != (after > 0):
            holding.opened_at_us = fill.at_us

    def on_lapse(self, lapse: Lapse) -> None:
        """Forget an order that ended unfilled; a lapse's cause is the decision that granted it."""
        self._by_strategy[lapse.strategy].end_order(lapse.symbol, self._bus.cause, lapse.released_micros)

    def on_split(self, split: Split) -> None:
        """Quote what rests in the new shares; positions follow with their adjustments."""
        for standing in self._by_strategy.values():
            resting = standing.orders.get(split.symbol)
            if resting is not None:
                for number, order in resting.items():
                    resting[number] = requoted(order, split)

    def on_adjustment(self, adjustment: Adjustment) -> None:
        """Hold what a split has made of a position."""
        standing = self._by_strategy[adjustment.strategy]
        standing.cash_micros += adjustment.cash_micros
        holding = standing.holdings[adjustment.symbol]
        holding.quantity = adjustment.quantity_after
        holding.cost_micros += adjustment.realised_micros - adjustment.cash_micros
        holding.shown = None
        if not holding.quantity:
            del standing.holdings[adjustment.symbol]
            del self.holders[adjustment.symbol][adjustment.strategy]

    def on_payment(self, payment: Payment) -> None:
        """Take a dividend in, or pay it."""
        self._by_strategy[payment.strategy].cash_micros += payment.micros
