"""Shadows: orders that were refused, bought and sold after all in a book of their own, at the run's prices."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from ropewalk.events import Decision, Dividend, Split
from ropewalk.ledger.book import Book
from ropewalk.ledger.execution import Costs, execute
from ropewalk.market.instrument import Instrument
from ropewalk.money import currency, price_micros_half_even
from ropewalk.notation import timestamp

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ropewalk.events import Intent
    from ropewalk.market.series import Series

End = Literal["exit", "entered", "open"]


class Place(NamedTuple):
    """Where an order fills: a time, and the reference price of one lot in micros."""

    at_us: int
    micros: int


class Prices:
    """
    The prices at which a run's orders fill, looked up by symbol and time.

    Nothing after `last_us`, the end of the run, is looked at.
    """

    def __init__(
        self,
        series: Sequence[Series],
        *,
        instruments: Mapping[str, Instrument],
        fills_at_close: bool,
        last_us: int,
    ) -> None:
        self._series = {one.symbol: one for one in series}
        self._counts = {one.symbol: bisect_right(one.at_us, last_us) for one in series}
        self.instruments = {one.symbol: instruments.get(one.symbol) or Instrument(one.symbol) for one in series}
        self._fills_at_close = fills_at_close

    def fill_after(self, symbol: str, at_us: int, *, is_over: bool) -> Place | None:
        """Find where an order of some instant fills; None when no bar came. After the data it is at the last close."""
        one, count = self._series[symbol], self._counts[symbol]
        row = bisect_right(one.at_us, at_us)
        has_bar = row > 0 and one.at_us.item(row - 1) == at_us
        if is_over or (self._fills_at_close and has_bar):
            return self._at(symbol, row - 1, is_close=True) if row else None
        return self._at(symbol, row, is_close=self._fills_at_close) if row < count else None

    def fill_at(self, symbol: str, at_us: int) -> Place | None:
        """Find where an order filled at an instant."""
        one = self._series[symbol]
        row = bisect_right(one.at_us, at_us) - 1
        is_now = row >= 0 and one.at_us.item(row) == at_us
        return self._at(symbol, row, is_close=self._fills_at_close or not is_now) if row >= 0 else None

    def mark_before(self, symbol: str, at_us: int, *, up: int = 1, down: int = 1) -> int:
        """Take the last close of one lot before an instant, in the shares of after a split."""
        one = self._series[symbol]
        row = bisect_left(one.at_us, at_us) - 1
        return (
            price_micros_half_even(one.close.item(row) * down / up, self.instruments[symbol].scale) if row >= 0 else 0
        )

    def last_mark(self, symbol: str) -> int:
        """Take the last close of one lot in the run."""
        return self._at(symbol, self._counts[symbol] - 1, is_close=True).micros

    def _at(self, symbol: str, row: int, *, is_close: bool) -> Place:
        one = self._series[symbol]
        price = (one.close if is_close else one.open).item(row)
        return Place(one.at_us.item(row), self.instruments[symbol].price_micros(price))


class Shadow:
    """
    One refused part of one intent, put to work.

    `decision` is the number of the decision that refused it, `refused_micros` the part, `invested_micros` what the lots
    cost at the price they got, fees not included. It `ended` with its strategy's `exit`, when the strategy `entered`
    after all, or is `open` at the end. `profit_micros` includes commissions and dividends.
    """

    def __init__(self, *, decision: int, event: Decision, rule: str, refused_micros: int, begins: Place) -> None:
        self.decision = decision
        self.strategy = event.strategy
        self.symbol = event.symbol
        self.side = event.side
        self.rule = rule
        self.refused_micros = refused_micros
        self.is_whole = event.verdict == "refused"
        self.begins = begins
        self.ends: Place | None = None
        self.ended: End = "open"
        self.invested_micros = 0
        self.profit_micros = 0
        self.lots = 0
        self._book = Book(rule)
        self._is_settled = False

    @property
    def is_over(self) -> bool:
        """It is on its way out, or out."""
        return self.ends is not None

    def buy(self, lots: int, price_micros: int, commission_micros: int) -> None:
        """Post what began it."""
        self.lots = lots
        self.invested_micros = abs(lots) * price_micros
        self._book.post(self.symbol, lots, price_micros, commission_micros)

    def leave(self, place: Place | None, ended: End) -> None:
        """Hear where it ends; where no bar came for that, it stays."""
        if place is not None:
            self.ends, self.ended = place, ended

    def adjust(self, action: Split | Dividend, terms: Terms) -> None:
        """Follow a corporate action that takes effect while it is held."""
        at_us, symbol = action.at_us, action.symbol
        if symbol != self.symbol or not self.begins.at_us < at_us or (self.ends and self.ends.at_us < at_us):
            return
        quantity = self._book.quantity(symbol)
        if not quantity:
            return
        if isinstance(action, Dividend):
            self._book.pay(terms.prices.instruments[symbol].dividend_micros(quantity, action.per_share_micros))
            return
        up, down = action.numerator, action.denominator
        mark = terms.prices.mark_before(symbol, at_us, up=up, down=down)
        self._book.split(symbol, numerator=up, denominator=down, mark_micros=mark)

    def settle(self, terms: Terms) -> None:
        """Sell where it ends, or value it at the last close."""
        if self._is_settled:
            return
        self._is_settled = True
        quantity = self._book.quantity(self.symbol)
        if self.ends is not None and quantity:
            side = -1 if quantity > 0 else 1
            price, _, commission = terms.costs.priced(abs(quantity), side, self.ends.micros)
            self._book.post(self.symbol, -quantity, price, commission)
            quantity = 0
        value = quantity * terms.prices.last_mark(self.symbol) if quantity else 0
        self.profit_micros = self._book.cash_micros + value

    def to_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON; money in currency."""
        return {
            "decision": self.decision,
            "strategy": self.strategy,
            "symbol": self.symbol,
            "rule": self.rule,
            "side": self.side,
            "refused": float(currency(self.refused_micros)),
            "lots": self.lots,
            "invested": float(currency(self.invested_micros)),
            "begins": timestamp(self.begins.at_us).isoformat(),
            "ends": None if self.ends is None else timestamp(self.ends.at_us).isoformat(),
            "ended": self.ended,
            "profit": float(currency(self.profit_micros)),
        }


class Terms(NamedTuple):
    """How shadows trade: as the run did."""

    prices: Prices
    costs: Costs

    def bought(
        self, number: int, decision: Decision, intent: Intent, rule: str, micros: int, *, has_ended: bool
    ) -> Shadow | None:
        """Buy what a refused part buys, never more lots than were asked; None when it buys none."""
        place = self.prices.fill_after(decision.symbol, decision.at_us, is_over=has_ended)
        if place is None:
            return None
        bound = decision.side * intent.amount if intent.unit == "quantity" else 0
        order = Decision(
            *(place.at_us, decision.strategy, decision.symbol, "granted", "in_full", decision.side),
            asked_micros=micros,
            granted_micros=micros,
            reserved_micros=micros,
            open_quantity=bound,
        )
        executed = execute(order, 0, place.micros, self.costs)
        if executed is None:
            return None
        lots, _, price, _, commission = executed
        shadow = Shadow(decision=number, event=decision, rule=rule, refused_micros=micros, begins=place)
        shadow.buy(lots, price, commission)
        return shadow
