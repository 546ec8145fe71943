"""Transfers: what the ledger does when capital is reallocated between strategies and the pool."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from ropewalk.bus import Bus, Phase
from ropewalk.errors import LedgerError
from ropewalk.events import Reallocation, Transfer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ropewalk.ledger.book import Book


class Purses(Protocol):
    """The ledger, as whoever moves capital knows it."""

    pool_micros: int

    @property
    def books(self) -> Mapping[str, Book]:
        """The strategies' books, in the order of seats."""
        ...

    def audit(self) -> None:
        """Sum everything anew."""
        ...


class Transfers:
    """Moves capital between books and the pool: as many micros out as in, and nothing that is reserved."""

    def __init__(self, bus: Bus, ledger: Purses) -> None:
        self._bus = bus
        self._ledger = ledger
        bus.subscribe(Reallocation, self.on_reallocation, phase=Phase.LEDGER)

    def on_reallocation(self, reallocation: Reallocation) -> None:
        """Post each transfer on both sides, and say it. Raises LedgerError when a giver has not got so much free."""
        ledger = self._ledger
        for giver, taker, micros in matched(reallocation):
            for owner, change in ((giver, -micros), (taker, micros)):
                if owner:
                    ledger.books[owner].contribute(change)
                else:
                    ledger.pool_micros += change
            self._bus.publish(Transfer(reallocation.at_us, giver, taker, micros))
        for strategy, moved in zip(reallocation.strategies, reallocation.moved_micros, strict=True):
            book = ledger.books[strategy]
            if moved < 0 and book.cash_micros < book.reserved_micros:
                raise LedgerError(
                    f"after event {self._bus.number}: {strategy} was to give {-moved} micros, which leaves it "
                    f"{book.cash_micros} of cash for {book.reserved_micros} reserved"
                )
        ledger.audit()


def matched(reallocation: Reallocation) -> Iterator[tuple[str, str, int]]:
    """
    Yield giver, taker and micros, the first giver to the first taker, in seat order and the pool last.

    There are fewer transfers than owners that take part. Raises LedgerError, before anything moves, for moves that
    do not sum to zero.
    """
    pool = ("", reallocation.pool_moved_micros)
    moves = [*zip(reallocation.strategies, reallocation.moved_micros, strict=True), pool]
    total = sum(micros for _, micros in moves)
    if total:
        raise LedgerError(f"a reallocation moves {dict(moves)}, which sums to {total} micros instead of zero")
    takers = [(owner, micros) for owner, micros in moves if micros > 0]
    taker, wanted = "", 0
    for giver, micros in moves:
        left = -micros
        while left > 0:
            if not wanted:
                taker, wanted = takers.pop(0)
            part = min(left, wanted)
            yield giver, taker, part
            left -= part
            wanted -= part
