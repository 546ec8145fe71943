"""
Crossing: what the ledger does with orders under the policy `net`: all that fill for a symbol at one instant, at once.

What is opposite moves between books and never leaves the account; what is left of it is traded as one order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from msgspec.structs import replace

from ropewalk.bus import Bus, Phase
from ropewalk.errors import LedgerError
from ropewalk.events import Cutoff, Decision, Fill
from ropewalk.ledger.execution import Costs, execute
from ropewalk.ledger.netting import netted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ropewalk.ledger.book import Book
    from ropewalk.ledger.execution import Order
    from ropewalk.ledger.netting import Alone, Share
    from ropewalk.reasons import LapseReason

POSTINGS_BETWEEN_AUDITS = 4096


class Counterparts(Protocol):
    """The ledger, as whoever fills orders knows it: the books, and the sides of a posting that are not books."""

    @property
    def books(self) -> Mapping[str, Book]:
        """The strategies' books, in the order of seats."""
        ...

    def post_outside(self, number: int, symbol: str, quantity: int, price_micros: int, commission_micros: int) -> None:
        """Post the market's and the fees' side of what a decision traded."""
        ...

    def lapse(self, number: int, decision: Decision, reason: LapseReason) -> None:
        """End an order that buys nothing."""
        ...

    def rest(self, number: int, decision: Decision) -> None:
        """Keep an order until its symbol has a bar."""
        ...

    def audit(self) -> None:
        """Sum everything anew."""
        ...


class Crossing:
    """
    Fills orders for `symbols` together.

    At an open they rested and are at hand. At a close they come one by one, decision after decision, and wait for the
    last of their batch.
    """

    def __init__(self, bus: Bus, ledger: Counterparts, *, costs: Costs, symbols: Iterable[str]) -> None:
        self._bus = bus
        self._ledger = ledger
        self._costs = costs
        self._waiting: dict[str, tuple[int, list[Order]]] = {}
        self._last_decision = -1
        self._postings = 0
        self.symbols = dict.fromkeys(symbols)
        # Behind the arbiter, whose decisions are on their way by then, and who alone has the lane awake.
        bus.subscribe(Cutoff, self.on_cutoff, phase=Phase.COLLECTORS, is_on_call=True)
        bus.subscribe(Decision, self.on_decision, phase=Phase.COLLECTORS)

    def wait(self, number: int, decision: Decision, reference_micros: int) -> None:
        """Keep an order, to be filled from this price, until the whole batch is decided."""
        self._waiting.setdefault(decision.symbol, (reference_micros, []))[1].append((number, decision))

    def on_cutoff(self, cutoff: Cutoff) -> None:
        """Note which decision is the last of its batch: nothing else waits behind it yet."""
        self._last_decision = self._bus.next - 1

    def on_decision(self, decision: Decision) -> None:
        """Fill what waits, once the last of its batch is decided."""
        if self._bus.number == self._last_decision:
            waiting, self._waiting = self._waiting, {}
            for reference_micros, orders in waiting.values():
                self.fill(orders, reference_micros)

    def fill(self, orders: Iterable[Order], reference_micros: int) -> None:
        """Cross what is opposite, trade what is left, and say so, by seat and then by number."""
        self.settle(self._executed(orders, reference_micros), reference_micros)

    def settle(self, ordered: Sequence[tuple[Order, Alone]], reference_micros: int) -> None:
        """
        Net what orders would trade alone, post and publish it.

        Raises LedgerError when what crossed leaves a lot or a micro that no other book has.
        """
        books = self._ledger.books
        shares = netted([alone for _, alone in ordered], reference_micros=reference_micros, costs=self._costs)
        before = sum(book.cash_micros for book in books.values())
        fills = [
            (number, fill)
            for ((number, decision), _), share in zip(ordered, shares, strict=True)
            for fill in self.fills_of(number, decision, share, reference_micros)
        ]
        crossed = sum(fill.quantity for _, fill in fills if fill.is_crossed)
        paid = sum(
            fill.quantity * fill.price_micros + fill.commission_micros for _, fill in fills if not fill.is_crossed
        )
        moved = sum(book.cash_micros for book in books.values()) - before + paid
        if crossed or moved:
            raise LedgerError(
                f"after event {self._bus.number}: what crossed leaves {crossed} lots and {moved} micros to nobody"
            )
        self._postings += len(fills)
        if self._postings >= POSTINGS_BETWEEN_AUDITS:
            self._postings = 0
            self._ledger.audit()
        for number, fill in fills:
            self._bus.publish(fill, number)

    def _executed(self, orders: Iterable[Order], reference_micros: int) -> list[tuple[Order, Alone]]:
        """Say what each order would trade alone, those before it filled; one that buys nothing lapses."""
        books = self._ledger.books
        seats = {strategy: seat for seat, strategy in enumerate(books)}
        held: dict[str, int] = {}
        found = []
        for number, decision in sorted(orders, key=lambda order: (seats[order[1].strategy], order[0])):
            strategy, reserved = decision.strategy, decision.reserved_micros
            before = held.get(strategy, books[strategy].quantity(decision.symbol))
            executed = execute(decision, before, reference_micros, self._costs)
            if executed is None:
                self._ledger.lapse(number, decision, "too_small" if reserved else "no_position")
            else:
                held[strategy] = before + executed[0]
                found.append(((number, decision), (executed, reserved)))
        return found

    def fills_of(self, number: int, decision: Decision, share: Share, reference_micros: int) -> Iterator[Fill]:
        """Post what crosses of an order, then what is traded of it; the last of both ends the order."""
        strategy, symbol, reserved = decision.strategy, decision.symbol, decision.reserved_micros
        at_us, book = self._bus.instant_us, self._ledger.books[strategy]
        crossed, traded, price, commission, slippage, fee_saved, slip_saved = share
        if crossed:
            closed, realised = book.post(symbol, crossed, reference_micros, 0)
            fill = Fill(at_us, strategy, symbol, crossed, reference_micros, 0, 0, closed, realised, 0, True, traded)
            if not traded:
                fill = replace(
                    fill, released_micros=reserved, saved_commission_micros=fee_saved, saved_slippage_micros=slip_saved
                )
            yield fill
        if traded:
            closed, realised = book.post(symbol, traded, price, commission)
            self._ledger.post_outside(number, symbol, traded, price, commission)
            yield Fill(
                *(at_us, strategy, symbol, traded, price, commission, slippage, closed, realised, reserved),
                saved_commission_micros=fee_saved,
                saved_slippage_micros=slip_saved,
            )
        book.release(reserved)
