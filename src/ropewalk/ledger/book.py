"""Books: one owner's cash and positions, and the identities that tie them."""

from __future__ import annotations

from ropewalk.errors import LedgerError
from ropewalk.money import divided_half_even, scaled_towards_zero


class Book:
    """
    One strategy's money and positions.

    `cash + Σ cost = contributed + realised − fees + dividends` holds after every posting, in integers, and
    `reserved` never falls below zero. `quantities` and `costs` have only symbols that are held; the cost of
    a position has the sign of its quantity.
    """

    __slots__ = (
        "cash_micros",
        "contributed_micros",
        "cost_micros",
        "costs",
        "dividends_micros",
        "fees_micros",
        "owner",
        "quantities",
        "realised_micros",
        "reserved_micros",
    )

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self.contributed_micros = 0
        self.cash_micros = 0
        self.reserved_micros = 0
        self.realised_micros = 0
        self.fees_micros = 0
        self.dividends_micros = 0
        self.cost_micros = 0
        self.quantities: dict[str, int] = {}
        self.costs: dict[str, int] = {}

    def quantity(self, symbol: str) -> int:
        """Signed lots held."""
        return self.quantities.get(symbol, 0)

    def contribute(self, micros: int) -> None:
        """Take capital in, or give it up when negative."""
        self.contributed_micros += micros
        self.cash_micros += micros

    def release(self, micros: int) -> None:
        """Give back what was set aside for an order. Raises LedgerError when that much is not reserved."""
        self.reserved_micros -= micros
        if self.reserved_micros < 0:
            raise LedgerError(f"book {self.owner}: releasing {micros} micros leaves {self.reserved_micros} reserved")

    def post(self, symbol: str, quantity: int, price_micros: int, commission_micros: int) -> tuple[int, int]:
        """
        Post a fill at average cost; returns the signed lots that closed and what they realised.

        Increase: the cost grows by what was paid. Reduce: the closed share of the cost is realised
        against the price, rounded half to even, and the average stays. Through zero: the old side is
        realised, the rest opens at the price. Flat: no cost is left.
        """
        before = self.quantities.get(symbol, 0)
        after = before + quantity
        value = quantity * price_micros
        closed = realised = 0
        if not before:
            paid = cost = value
        else:
            cost_before = self.costs[symbol]
            if (before > 0) == (quantity > 0):
                cost = cost_before + value
            else:
                closed = quantity if abs(quantity) <= abs(before) else -before
                ended_cost = cost_before if closed == -before else _share(cost_before, closed, before)
                realised = -closed * price_micros - ended_cost
                cost = cost_before - ended_cost + (quantity - closed) * price_micros
            paid = cost - cost_before
        if after:
            self.quantities[symbol] = after
            self.costs[symbol] = cost
        else:
            del self.quantities[symbol], self.costs[symbol]
        self.cash_micros -= value + commission_micros
        self.cost_micros += paid
        self.realised_micros += realised
        self.fees_micros += commission_micros
        # After a split a lot may cost less than a micro, and what is left of a position nothing.
        if cost and (not after or (after > 0) != (cost > 0)):
            raise LedgerError(f"book {self.owner}: {after} lots of {symbol} at a cost of {cost} micros")
        earned = self.realised_micros - self.fees_micros + self.dividends_micros
        if self.cash_micros + self.cost_micros != self.contributed_micros + earned:
            self.check()
        return closed, realised

    def pay(self, micros: int) -> None:
        """Take a dividend in, or pay one when negative: profit, no capital."""
        self.dividends_micros += micros
        self.cash_micros += micros
        self.check()

    def split(self, symbol: str, *, numerator: int, denominator: int, mark_micros: int) -> tuple[int, int, int]:
        """
        Scale a position and cash the fraction of a lot that is left over.

        Returns the lots after, the cash, negative for a short, and what it realised. Lots are cut towards zero; the
        cash is the fraction at the mark of a new lot, and its share of the cost ends, each rounded once, half to even.
        """
        before, cost_before = self.quantities[symbol], self.costs[symbol]
        after = scaled_towards_zero(before, numerator, denominator)
        # Counted in parts of a lot, `denominator` to each.
        parts = before * numerator - after * denominator
        cash = divided_half_even(parts * mark_micros, denominator)
        ended_cost = divided_half_even(cost_before * abs(parts), abs(before) * numerator)
        self.cash_micros += cash
        self.realised_micros += cash - ended_cost
        self.cost_micros -= ended_cost
        if after:
            self.quantities[symbol], self.costs[symbol] = after, cost_before - ended_cost
        else:
            del self.quantities[symbol], self.costs[symbol]
        self.check()
        return after, cash, cash - ended_cost

    def check(self) -> None:
        """Raise LedgerError unless the book's identity holds."""
        left = self.cash_micros + self.cost_micros
        right = self.contributed_micros + self.realised_micros - self.fees_micros + self.dividends_micros
        if left != right:
            raise LedgerError(
                f"book {self.owner}: cash {self.cash_micros} + cost {self.cost_micros} = {left}, but contributed "
                f"{self.contributed_micros} + realised {self.realised_micros} − fees {self.fees_micros} + dividends "
                f"{self.dividends_micros} = {right}"
            )


def _share(cost_micros: int, closed: int, held: int) -> int:
    return divided_half_even(cost_micros * abs(closed), abs(held))
