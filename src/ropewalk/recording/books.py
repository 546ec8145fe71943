"""
Books, kept from events alone: a second pen beside the ledger's, which knows neither prices nor data.

Whoever reads a journal can keep them, so their digest in checkpoints and in the footer says what the
recorded events come to, and a journal can be held against itself.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

from ropewalk.errors import LedgerError
from ropewalk.events import Adjustment, Decision, Fill, Lapse, Payment, RunStarted, Transfer
from ropewalk.money import divided_half_even
from ropewalk.recording.inputs import canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

POOL = ""
"""The owner of what is not allocated, as `Transfer` writes it."""


class Account:
    """One owner's cash, reserve, and for each symbol held the signed lots and what they cost."""

    __slots__ = ("cash_micros", "held", "reserved_micros")

    def __init__(self, cash_micros: int = 0) -> None:
        self.cash_micros = cash_micros
        self.reserved_micros = 0
        self.held: dict[str, tuple[int, int]] = {}


class Books:
    """
    What the events so far left each strategy and the pool with.

    `take` posts an event of any kind as it is; those that move nothing cost a look-up. `check` says beforehand
    whether a fill can be right. Raises LedgerError for an owner who has no book.
    """

    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}
        self.takes: dict[type, Callable[[Any], None]] = {
            RunStarted: self._start,
            Transfer: self._transfer,
            Decision: self._reserve,
            Fill: self._fill,
            Lapse: self._release,
            Adjustment: self._adjust,
            Payment: self._pay,
        }

    def take(self, event: Any) -> None:
        """Post one event."""
        post = self.takes.get(event.__class__)
        if post is not None:
            post(event)

    def take_all(self, events: Iterable[Any]) -> None:
        """Post many events, one after the other; where one has no book, those behind it are left to an iterator."""
        post_of = self.takes.get
        for event in events:
            kind = event.__class__
            if kind is Fill:
                self._fill(event)
            elif kind is Decision:
                if reserved := event.reserved_micros:
                    self._of(event.strategy).reserved_micros += reserved
            elif (post := post_of(kind)) is not None:
                post(event)

    def check(self, fill: Fill) -> None:
        """Raise LedgerError unless what a fill says it closed and earned is what average cost makes of it."""
        quantity, price = fill.quantity, fill.price_micros
        before, cost = self._of(fill.strategy).held.get(fill.symbol, (0, 0))
        closed = realised = 0
        if before * quantity < 0:
            closed = quantity if abs(quantity) <= abs(before) else -before
            realised = -closed * price - divided_half_even(cost * abs(closed), abs(before))
        if (closed, realised) != (fill.closed_quantity, fill.realised_micros):
            raise LedgerError(
                f"{fill.strategy} held {before} {fill.symbol} at a cost of {cost} micros; {quantity} at {price} close "
                f"{closed} and earn {realised}, not {fill.closed_quantity} and {fill.realised_micros}"
            )

    def lots(self, owner: str, symbol: str) -> int:
        """Signed lots held; none of an owner who has no book."""
        account = self.accounts.get(owner)
        return account.held.get(symbol, (0, 0))[0] if account is not None else 0

    def digest(self) -> str:
        """SHA-256 over all accounts in seat order, positions by symbol."""
        state = {
            owner: [account.cash_micros, account.reserved_micros, account.held]
            for owner, account in self.accounts.items()
        }
        return sha256(canonical(list(state.items()))).hexdigest()

    def _of(self, owner: str) -> Account:
        account = self.accounts.get(owner)
        if account is None:
            raise LedgerError(f"there is no book of {owner!r}; this run has: {', '.join(filter(None, self.accounts))}")
        return account

    def _start(self, started: RunStarted) -> None:
        self.accounts = {POOL: Account(started.capital_micros)}
        self.accounts |= {strategy: Account() for strategy in started.strategies}

    def _transfer(self, transfer: Transfer) -> None:
        self._of(transfer.giver).cash_micros -= transfer.micros
        self._of(transfer.taker).cash_micros += transfer.micros

    def _reserve(self, decision: Decision) -> None:
        if decision.reserved_micros:
            self._of(decision.strategy).reserved_micros += decision.reserved_micros

    def _release(self, lapse: Lapse) -> None:
        self._of(lapse.strategy).reserved_micros -= lapse.released_micros

    def _adjust(self, adjustment: Adjustment) -> None:
        account, symbol = self._of(adjustment.strategy), adjustment.symbol
        lots, cost = account.held.get(symbol, (0, 0))
        if lots != adjustment.quantity_before:
            raise LedgerError(f"{adjustment.strategy} held {lots} {symbol}, not {adjustment.quantity_before}")
        account.cash_micros += adjustment.cash_micros
        if adjustment.quantity_after:
            cost += adjustment.realised_micros - adjustment.cash_micros
            account.held[symbol] = adjustment.quantity_after, cost
        else:
            account.held.pop(symbol, None)

    def _pay(self, payment: Payment) -> None:
        account = self._of(payment.strategy)
        account.cash_micros += payment.micros
        lots, _ = account.held.get(payment.symbol, (0, 0))
        if lots != payment.quantity:
            raise LedgerError(f"{payment.strategy} held {lots} {payment.symbol}, not {payment.quantity}")

    def _fill(self, fill: Fill) -> None:
        account = self.accounts.get(fill.strategy) or self._of(fill.strategy)
        symbol, quantity, held = fill.symbol, fill.quantity, account.held
        value = quantity * fill.price_micros
        account.cash_micros -= value + fill.commission_micros
        account.reserved_micros -= fill.released_micros
        # What closes takes its share of the cost with it: −closed · price − realised.
        value += fill.realised_micros
        if symbol in held:
            lots, cost = held[symbol]
            quantity += lots
            value += cost
        if quantity:
            held[symbol] = quantity, value
        else:
            held.pop(symbol, None)
