"""
The ledger: fills what was granted and posts it, the only one that writes money.

Every posting has two sides. A fill moves cash between a book, the market and the fees, and lots
between a book and the market, one that crosses both between books; a transfer moves cash between books and the
pool, a dividend between the dividends and a book. The identities of the books and of the account are checked at each
posting, and summed anew every few thousand and at every corporate action.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ropewalk.bus import Bus, Phase
from ropewalk.errors import LedgerError
from ropewalk.events import (
    Adjustment,
    Bar,
    DataEnded,
    Decision,
    Dividend,
    Fill,
    Lapse,
    Payment,
    RunStarted,
    Split,
    Transfer,
)
from ropewalk.ledger.book import Book
from ropewalk.ledger.crossing import POSTINGS_BETWEEN_AUDITS
from ropewalk.ledger.execution import Costs, execute
from ropewalk.ledger.partial import filler_of
from ropewalk.ledger.transfers import Transfers
from ropewalk.market.actions import is_spent, requoted
from ropewalk.money import price_micros_half_even
from ropewalk.reasons import LapseReason

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from ropewalk.ledger.execution import FillAt, Order
    from ropewalk.ledger.fill_models import FillModel
    from ropewalk.market.history import History


class Ledger:
    """
    Books of all strategies, the pool, and the account they share.

    The books' cash and the pool always sum to the account's cash, and the books' lots of a symbol to the account's
    lots. Orders for `netted` symbols that fill at one instant are filled together, opposite ones between the books. A
    `model` says how much of an order a bar fills; without one it is all of it.
    """

    def __init__(
        self,
        bus: Bus,
        history: History,
        *,
        costs: Costs,
        fill_at: FillAt = "next_open",
        netted: Iterable[str] = (),
        model: FillModel | None = None,
    ) -> None:
        self._bus = bus
        self._history = history
        self._costs = costs
        self._fills_at_close = self._fills_at_once = fill_at == "close"
        self._is_over = False
        self._postings = 0
        self._resting: dict[str, list[Order]] = {}
        self.books: dict[str, Book] = {}
        self.pool_micros = 0
        self.capital_micros = 0
        self.account_cash_micros = 0
        self.account_quantities = dict.fromkeys(history.symbols, 0)
        self.market_micros = 0
        self.fees_micros = 0
        self.dividends_micros = 0
        self._bars = bus.lane(Bar)
        bus.subscribe(Bar, self.on_bar, phase=Phase.LEDGER, is_on_call=True)
        bus.subscribe(RunStarted, self.on_run_started, phase=Phase.LEDGER)
        bus.subscribe(Decision, self.on_decision, phase=Phase.LEDGER)
        bus.subscribe(DataEnded, self.on_data_ended, phase=Phase.LEDGER)
        bus.subscribe(Split, self.on_split, phase=Phase.LEDGER)
        bus.subscribe(Dividend, self.on_dividend, phase=Phase.LEDGER)
        Transfers(bus, self)
        self._crossing = filler_of(bus, history, self, costs=costs, netted=netted, model=model)

    @property
    def resting(self) -> Collection[str]:
        """The symbols with orders that rest."""
        return self._resting.keys()

    def on_run_started(self, started: RunStarted) -> None:
        """Put the capital into the pool and fund each strategy from it."""
        self.capital_micros = self.pool_micros = self.account_cash_micros = started.capital_micros
        for strategy, micros in zip(started.strategies, started.allocated_micros, strict=True):
            book = self.books[strategy] = Book(strategy)
            book.contribute(micros)
            self.pool_micros -= micros
            self._bus.publish(Transfer(started.at_us, "", strategy, micros))
        self.audit()

    def on_bar(self, bar: Bar) -> None:
        """Fill what rested for this symbol."""
        orders = self._resting.pop(bar.symbol, None)
        if orders is not None:
            if not self._resting:
                self._bars.sleep()
            reference = self._reference_micros(bar, bar.close if self._fills_at_close else bar.open)
            if self._crossing is not None and bar.symbol in self._crossing.symbols:
                self._crossing.fill(orders, reference)
                return
            for number, decision in orders:
                self._fill(number, decision, reference)

    def on_decision(self, decision: Decision) -> None:
        """Rest what was granted, or fill it at this bar's close where the run says so."""
        if decision.verdict == "refused":
            return
        number, symbol = self._bus.number, decision.symbol
        # What is free was the arbiter's to judge; since then a fee may have cost an exit more than it earned.
        reserved = decision.reserved_micros
        if reserved:
            self.books[decision.strategy].reserved_micros += reserved
        if self._fills_at_once:
            bars = self._history.bars(symbol)
            if bars and (self._is_over or bars[-1].at_us == decision.at_us):
                reference = self._reference_micros(bars[-1], bars[-1].close)
                if self._crossing is not None and symbol in self._crossing.symbols:
                    self._crossing.wait(number, decision, reference)
                else:
                    self._fill(number, decision, reference)
                return
        resting = self._resting
        if symbol in resting:
            resting[symbol].append((number, decision))
        else:
            if not resting:
                self._bars.wake()
            resting[symbol] = [(number, decision)]

    def rest(self, number: int, decision: Decision) -> None:
        """Keep what is left of an order until its symbol has another bar."""
        if not self._resting:
            self._bars.wake()
        self._resting.setdefault(decision.symbol, []).append((number, decision))

    def on_data_ended(self, ended: DataEnded) -> None:
        """Let everything that rests lapse, oldest first; whatever is granted from now on fills at the last close."""
        self._is_over = self._fills_at_once = True
        for number, decision in sorted(order for orders in self._resting.values() for order in orders):
            self.lapse(number, decision, "end_of_data")
        self._resting.clear()
        self._bars.sleep()

    def on_split(self, split: Split) -> None:
        """Scale what every book holds of the symbol, and what rests for it; the market buys the fractions."""
        symbol, up, down = split.symbol, split.numerator, split.denominator
        # The history has heard of it already: this is the last close in the new shares.
        mark = self._history.mark_micros(symbol) or 0
        for strategy, book in self.books.items():
            before = book.quantity(symbol)
            if before:
                after, cash, realised = book.split(symbol, numerator=up, denominator=down, mark_micros=mark)
                self.account_cash_micros += cash
                self.market_micros -= cash
                self.account_quantities[symbol] += after - before
                self._bus.publish(Adjustment(split.at_us, strategy, symbol, up, down, before, after, cash, realised))
        self._requote(split)
        self.audit()

    def _requote(self, split: Split) -> None:
        orders = [(number, requoted(order, split)) for number, order in self._resting.pop(split.symbol, ())]
        for number, order in orders:
            if is_spent(order):
                self.lapse(number, order, "too_small")
        left = [(number, order) for number, order in orders if not is_spent(order)]
        if left:
            self._resting[split.symbol] = left
        elif not self._resting:
            self._bars.sleep()

    def on_dividend(self, dividend: Dividend) -> None:
        """Pay every book that is long of the symbol, and let every book that is short of it pay."""
        instrument = self._history.instruments[dividend.symbol]
        for strategy, book in self.books.items():
            quantity = book.quantity(dividend.symbol)
            if quantity:
                micros = instrument.dividend_micros(quantity, dividend.per_share_micros)
                book.pay(micros)
                self.account_cash_micros += micros
                self.dividends_micros -= micros
                self._bus.publish(Payment(dividend.at_us, strategy, dividend.symbol, quantity, micros))
        self.audit()

    def lapse(self, number: int, decision: Decision, reason: LapseReason) -> None:
        """End an order unfilled, and give back what was set aside for it."""
        reserved = decision.reserved_micros
        self.books[decision.strategy].release(reserved)
        lapse = Lapse(self._bus.instant_us, decision.strategy, decision.symbol, reason, reserved)
        self._bus.publish(lapse, number)

    def _reference_micros(self, bar: Bar, price: float) -> int:
        if not bar.low <= price <= bar.high:
            raise LedgerError(
                f"after event {self._bus.number}: orders for {bar.symbol} would fill at {price}, outside "
                f"[{bar.low}, {bar.high}]"
            )
        return price_micros_half_even(price, self._history.instruments[bar.symbol].scale)

    def _fill(self, number: int, decision: Decision, reference_micros: int) -> None:
        strategy, symbol, reserved = decision.strategy, decision.symbol, decision.reserved_micros
        book = self.books[strategy]
        executed = execute(decision, book.quantities.get(symbol, 0), reference_micros, self._costs)
        if executed is None:
            self.lapse(number, decision, "too_small" if reserved else "no_position")
            return
        quantity, opened, price_micros, slip, commission = executed
        if opened and opened * price_micros + commission > reserved:
            raise LedgerError(
                f"decision {number}: {opened} lots of {symbol} at {price_micros} and {commission} of fees "
                f"exceed the {reserved} micros reserved"
            )
        closed, realised = book.post(symbol, quantity, price_micros, commission)
        if reserved:
            book.release(reserved)
        self.post_outside(number, symbol, quantity, price_micros, commission)
        self._postings += 1
        if self._postings == POSTINGS_BETWEEN_AUDITS:
            self._postings = 0
            self.audit()
        bus, slippage = self._bus, slip and slip * abs(quantity)
        fill = Fill(
            bus.instant_us, strategy, symbol, quantity, price_micros, commission, slippage, closed, realised, reserved
        )
        bus.publish(fill, number)

    def post_outside(self, number: int, symbol: str, quantity: int, price_micros: int, commission_micros: int) -> None:
        """Post the market's and the fees' side of a fill; the account is what is left. Raises LedgerError."""
        value = quantity * price_micros
        inside = self.account_cash_micros = self.account_cash_micros - value - commission_micros
        market = self.market_micros = self.market_micros + value
        if commission_micros:
            self.fees_micros += commission_micros
        self.account_quantities[symbol] += quantity
        if inside + market + self.fees_micros + self.dividends_micros != self.capital_micros:
            raise LedgerError(f"the legs of the fill of decision {number} do not sum to zero")

    def account_equity_micros(self) -> int:
        """
        Value the account, not the books: its cash and its lots at the last closes.

        Raises LedgerError if the books' equities and the pool do not sum to it exactly.
        """
        marks = {symbol: self._history.mark_micros(symbol) or 0 for symbol in self.account_quantities}
        equity = self.account_cash_micros
        for symbol, quantity in self.account_quantities.items():
            equity += quantity * marks[symbol]
        owned = self.pool_micros
        for book in self.books.values():
            owned += book.cash_micros
            for symbol, quantity in book.quantities.items():
                owned += quantity * marks[symbol]
        if owned != equity:
            raise LedgerError(f"the books and the pool are worth {owned} micros, the account {equity}")
        return equity

    def audit(self) -> None:
        """
        Sum everything anew and raise LedgerError, with the event's number and the values, if it differs.

        `Σ cash + pool = account cash`, `Σ lots = account lots` for each symbol, each book's identity, the legs of
        all postings, and no reserve below zero.
        """
        where = f"after event {self._bus.number}"
        cash = sum(book.cash_micros for book in self.books.values())
        if cash + self.pool_micros != self.account_cash_micros:
            raise LedgerError(
                f"{where}: books {cash} + pool {self.pool_micros} ≠ account cash {self.account_cash_micros} micros"
            )
        legs = self.account_cash_micros + self.market_micros + self.fees_micros + self.dividends_micros
        if legs != self.capital_micros:
            raise LedgerError(
                f"{where}: cash {self.account_cash_micros} + market {self.market_micros} + fees {self.fees_micros} + "
                f"dividends {self.dividends_micros} ≠ capital {self.capital_micros} micros"
            )
        lots = dict.fromkeys(self.account_quantities, 0)
        for book in self.books.values():
            book.check()
            for symbol, quantity in book.quantities.items():
                lots[symbol] += quantity
        if lots != self.account_quantities:
            raise LedgerError(f"{where}: the books hold {lots}, the account {self.account_quantities}")
