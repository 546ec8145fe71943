"""Books: one owner's cash and positions, and the identities that tie them."""

from __future__ import annotations

from ropewalk.errors import LedgerError
from ropewalk.money import divided_half_even, scaled_towards_zero


class Position:
    """A quantity held and what it cost; `cost_micros` has the sign of `quantity` and is zero when flat."""

    __slots__ = ("cost_micros", "quantity")

    def __init__(self) -> None:
        self.quantity = 0
        self.cost_micros = 0


class Book:
    """
    One strategy's money and positions.

    `cash + Σ cost = contributed + realised − fees + dividends` holds after every posting, in integers, and
    `reserved` never falls below zero.
    """

    __slots__ = (
        "cash_micros",
        "contributed_micros",
        "cost_micros",
        "dividends_micros",
        "fees_micros",
        "owner",
        "positions",
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
        self.positions: dict[str, Position] = {}

    def quantity(self, symbol: str) -> int:
        """Signed lots held."""
        position = self.positions.get(symbol)
        return position.quantity if position is not None else 0

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
        position = self.positions.get(symbol)
        if position is None:
            position = self.positions[symbol] = Position()
        before, cost_before = position.quantity, position.cost_micros
        after = before + quantity
        closed = realised = 0
        if before == 0 or (before > 0) == (quantity > 0):
            cost_after = cost_before + quantity * price_micros
        else:
            closed = quantity if abs(quantity) <= abs(before) else -before
            ended_cost = divided_half_even(cost_before * abs(closed), abs(before))
            realised = -closed * price_micros - ended_cost
            cost_after = cost_before - ended_cost + (quantity - closed) * price_micros
        self.cash_micros -= quantity * price_micros + commission_micros
        self.realised_micros += realised
        self.fees_micros += commission_micros
        self.cost_micros += cost_after - cost_before
        if after:
            position.quantity, position.cost_micros = after, cost_after
        else:
            del self.positions[symbol]
        if after * cost_after < 0 or (after == 0 and cost_after):
            raise LedgerError(f"book {self.owner}: {after} lots of {symbol} at a cost of {cost_after} micros")
        if self.cash_micros + self.cost_micros != self.contributed_micros + self.realised_micros - self.fees_micros:
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
        position = self.positions[symbol]
        before, cost_before = position.quantity, position.cost_micros
        after = scaled_towards_zero(before, numerator, denominator)
        # Counted in parts of a lot, `denominator` to each.
        parts = before * numerator - after * denominator
        cash = divided_half_even(parts * mark_micros, denominator)
        ended_cost = divided_half_even(cost_before * abs(parts), abs(before) * numerator)
        self.cash_micros += cash
        self.realised_micros += cash - ended_cost
        self.cost_micros -= ended_cost
        if after:
            position.quantity, position.cost_micros = after, cost_before - ended_cost
        else:
            del self.positions[symbol]
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
