"""Books: average cost in integers, and identities that are checked at every posting."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ropewalk import LedgerError
from ropewalk.ledger.book import Book

posts = st.lists(
    st.tuples(st.integers(-9, 9).filter(bool), st.integers(1, 10**7), st.integers(0, 1000)), min_size=1, max_size=20
)


@given(posts)
def test_average_cost_is_that_of_the_page(fills: list[tuple[int, int, int]]) -> None:
    """Increase: weighted average; reduce: `closed · (price − average)`; through zero: both; flat: nothing is left."""
    book, lots, cost, total = Book("s"), 0, 0, 0
    for quantity, price, fee in fills:
        closed, realised = book.post("GLD", quantity, price, fee)
        expected = 0
        if lots * quantity < 0:
            expected = quantity if abs(quantity) <= abs(lots) else -lots
            ended = round(Fraction(cost * abs(expected), abs(lots)))
            assert realised == -expected * price - ended
            cost -= ended
        else:
            assert realised == 0
        assert closed == expected
        cost += (quantity - expected) * price
        lots += quantity
        total += quantity * price + fee
        assert book.quantity("GLD") == lots
        assert book.cash_micros == -total
        assert book.cost_micros == cost
        assert (lots == 0) == ("GLD" not in book.quantities)
    book.check()


@pytest.mark.parametrize(("price", "realised"), [(4, [1, 2]), (6, [3, 4])])
def test_half_a_micro_of_cost_goes_to_the_even_side(price: int, realised: list[int]) -> None:
    """Two lots for 5 micros: the first to go costs 2, the even half, the second the 3 that are left."""
    book = Book("s")
    book.post("GLD", 1, 2, 0)
    book.post("GLD", 1, 3, 0)
    assert book.post("GLD", -1, price, 0) == (-1, price - 2)
    assert book.post("GLD", -1, price, 0) == (-1, price - 3)
    assert sorted([price - 2, price - 3]) == realised


def test_shorts_round_alike() -> None:
    """Symmetric for shorts: the floor of a negative number is a known trap."""
    book = Book("s")
    book.post("GLD", -1, 3, 0)
    book.post("GLD", -1, 4, 0)
    # −7 / 2 = −3.5, whose even side is −4.
    assert book.post("GLD", 1, 5, 0) == (1, -1)


def test_a_book_that_does_not_add_up_says_so() -> None:
    """The error names the book and both sides."""
    book = Book("trend")
    book.contribute(100)
    book.cash_micros += 1
    with pytest.raises(LedgerError, match=r"book trend: cash 101 \+ cost 0 = 101, but contributed 100"):
        book.check()


def test_more_than_is_reserved_cannot_be_given_back() -> None:
    book = Book("trend")
    with pytest.raises(LedgerError, match="book trend: releasing 5 micros leaves -5 reserved"):
        book.release(5)


def test_a_posting_checks_its_book() -> None:
    """A defect elsewhere is seen at the next posting: a spoilt sum, or a cost without a position."""
    book = Book("trend")
    book.fees_micros = 1
    with pytest.raises(LedgerError, match="book trend: cash -10"):
        book.post("GLD", 1, 10, 0)
    with pytest.raises(LedgerError, match="book other: 1 lots of GLD at a cost of -10 micros"):
        Book("other").post("GLD", 1, -10, 0)


@pytest.mark.parametrize("side", [1, -1])
def test_a_split_is_alike_for_longs_and_shorts(side: int) -> None:
    """Towards zero: 7 at 3:2 is 10 and half a lot, which is cashed at the mark and ends its share of the cost."""
    book = Book("s")
    book.contribute(1_000)
    book.post("GLD", 7 * side, 90, 0)
    assert book.split("GLD", numerator=3, denominator=2, mark_micros=64) == (10 * side, 32 * side, 2 * side)
    assert book.costs["GLD"] == 600 * side
    assert book.cash_micros == 1_000 - 630 * side + 32 * side
    assert book.split("GLD", numerator=1, denominator=100, mark_micros=6_000) == (0, 600 * side, 0)
    assert book.quantities == {}
    book.check()


def test_a_lot_may_cost_less_than_a_micro_after_a_split() -> None:
    """Its cost may round to nothing; what is flat has none."""
    book = Book("s")
    book.post("GLD", 2, 1, 0)
    book.split("GLD", numerator=2, denominator=1, mark_micros=1)
    book.post("GLD", -3, 1, 0)
    assert (book.quantity("GLD"), book.cost_micros) == (1, 0)
    book.post("GLD", -1, 1, 0)
    assert book.quantities == {}


def test_a_dividend_is_profit_and_no_capital() -> None:
    """The identity has a place of its own for it."""
    book = Book("s")
    book.contribute(10)
    book.pay(7)
    book.pay(-9)
    assert (book.cash_micros, book.contributed_micros, book.dividends_micros) == (8, 10, -2)
    book.dividends_micros = 0
    with pytest.raises(LedgerError, match="dividends 0 = 10"):
        book.check()
