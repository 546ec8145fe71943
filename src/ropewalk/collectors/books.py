"""Books at the end of a run: what each owner has in cash and in each symbol, and what it is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ropewalk.collectors.tables import html_table
from ropewalk.money import currency

if TYPE_CHECKING:
    from collections.abc import Mapping


class BookAtEnd(msgspec.Struct, frozen=True):
    """
    One owner's book after the last instant.

    `quantities` are signed lots by symbol, none of them 0, and `marks_micros` the last close of a lot of each. Cash and
    positions at their marks are its equity, exactly. The pool's owner is the empty name.
    """

    owner: str
    cash_micros: int
    quantities: dict[str, int]
    marks_micros: dict[str, int]

    @property
    def value_micros(self) -> int:
        """What its positions are worth, shorts subtracted."""
        return sum(lots * self.marks_micros[symbol] for symbol, lots in self.quantities.items())

    @property
    def equity_micros(self) -> int:
        """Cash and positions."""
        return self.cash_micros + self.value_micros

    def _repr_html_(self) -> str:
        return Books({self.owner: self})._repr_html_()


class Books(dict[str, BookAtEnd]):
    """The books of all owners, in seat order and then the pool; a notebook shows them as a table."""

    def __init__(self, books: Mapping[str, BookAtEnd]) -> None:
        super().__init__(books)

    def _repr_html_(self) -> str:
        rows = [
            {
                "book": book.owner or "pool",
                "cash": f"{currency(book.cash_micros):,.2f}",
                "positions": ", ".join(f"{lots:+,} {symbol}" for symbol, lots in book.quantities.items()) or "none",
                "worth": f"{currency(book.value_micros):,.2f}",
                "equity": f"{currency(book.equity_micros):,.2f}",
            }
            for book in self.values()
        ]
        return html_table(rows, caption="books at the end")
