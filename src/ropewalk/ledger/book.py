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
        quantities, costs = self.quantities, self.costs
        before = quantities.get(symbol, 0)
        value = quantity * price_micros
        closed = realised = 0
        if not before:
            quantities[symbol], costs[symbol] = quantity, value
            paid = value
            if price_micros < 0:
                raise _upside_down(self.owner, symbol, quantity, value)
        elif quantity == -before:
            # Flat, the commonest way out: all of the cost ends.
            closed, paid = quantity, -costs.pop(symbol)
            realised = paid - value
            del quantities[symbol]
        else:
            closed, realised, cost = _adjusted(before, costs[symbol], quantity, price_micros)
            paid = cost - costs[symbol]
            quantities[symbol] = after = before + quantity
            costs[symbol] = cost
            # After a split a lot may cost less than a micro, and what is left of a position nothing.
            if cost and (after > 0) != (cost > 0):
                raise _upside_down(self.owner, symbol, after, cost)
        cash = self.cash_micros = self.cash_micros - value - commission_micros
        cost_of_all = self.cost_micros = self.cost_micros + paid
        if realised:
            self.realised_micros += realised
        if commission_micros:
            self.fees_micros += commission_micros
        earned = self.realised_micros - self.fees_micros + self.dividends_micros
        if cash + cost_of_all != self.contributed_micros + earned:
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


def _adjusted(held: int, cost_micros: int, quantity: int, price_micros: int) -> tuple[int, int, int]:
    """Say what closes of a position that a fill leaves open, what that realises, and the cost afterwards."""
    if (held > 0) == (quantity > 0):
        return 0, 0, cost_micros + quantity * price_micros
    if abs(quantity) < abs(held):
        closed, ended = quantity, divided_half_even(cost_micros * abs(quantity), abs(held))
    else:
        closed, ended = -held, cost_micros
    return closed, -closed * price_micros - ended, cost_micros - ended + (quantity - closed) * price_micros


def _upside_down(owner: str, symbol: str, quantity: int, cost_micros: int) -> LedgerError:
    return LedgerError(f"book {owner}: {quantity} lots of {symbol} at a cost of {cost_micros} micros")
