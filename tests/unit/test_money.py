"""Where numbers become money, and the only place that rounds."""

from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ropewalk.money import (
    MICROS_MAX,
    currency,
    divided_half_even,
    divided_up,
    exact_fraction,
    exact_micros,
    part_down,
    price_micros_half_even,
    shared_by_largest_remainder,
)

whole = st.integers(-(10**20), 10**20)
positive = st.integers(1, 10**12)


@pytest.mark.parametrize(
    ("amount", "micros"),
    [("12.50", 12_500_000), (3, 3_000_000), (Decimal("-0.000001"), -1), ("1e3", 1_000_000_000), (Decimal("0"), 0)],
)
def test_exact_amounts_become_micros(amount: Any, micros: int) -> None:
    """Decimals, ints and texts are read exactly."""
    assert exact_micros(amount) == micros


@pytest.mark.parametrize(
    ("amount", "message"),
    [
        (0.1, "0.1 is a float; money is a Decimal, an int or a text"),
        (True, "True is a bool"),
        (None, "None is a NoneType"),
        ("0.0000001", "more than six decimals"),
        ("ten", "'ten' is not a number"),
        ("NaN", "NaN is not a finite number"),
        (Decimal("Infinity"), "not a finite number"),
        ("1e50", "far outside what money can be"),
        (MICROS_MAX // 1_000_000 + 1, "the largest amount kept exactly"),
    ],
)
def test_what_is_no_exact_amount_is_refused(amount: Any, message: str) -> None:
    """The message says what was found."""
    with pytest.raises(ValueError, match=message):
        exact_micros(amount)


def test_the_decimal_context_is_no_input() -> None:
    """A caller's precision changes no money."""
    with localcontext() as context:
        context.prec = 3
        assert exact_micros("123456.789012") == 123_456_789_012
        assert currency(-123_456_789_012) == Decimal("-123456.789012")
        assert exact_fraction("0.123456789") == Fraction(123456789, 10**9)


@given(st.integers(-MICROS_MAX, MICROS_MAX))
def test_currency_and_micros_are_inverse(micros: int) -> None:
    """What is shown can be typed back."""
    assert exact_micros(currency(micros)) == micros


@given(st.integers(1, 10**9), st.sampled_from((1e6, 1e5, 1e3, 1e7)))
def test_one_price_and_a_column_of_prices_round_alike(ticks: int, scale: float) -> None:
    """The ledger and the vectorised collectors agree on every price; grids of 1/128 have many ties."""
    price = ticks / 128
    assert price_micros_half_even(price, scale) == int(np.rint(price * scale))


def test_prices_round_half_to_even() -> None:
    """Halves go to the even neighbour, both ways."""
    assert [price_micros_half_even(ticks / 128) for ticks in (1, 3, 5, 7)] == [7812, 23438, 39062, 54688]


@given(whole, positive)
def test_division_rounds_as_its_name_says(dividend: int, divisor: int) -> None:
    """Up and half-even, also for negative amounts, against exact fractions."""
    exact = Fraction(dividend, divisor)
    assert divided_up(dividend, divisor) >= exact > divided_up(dividend, divisor) - 1
    assert divided_half_even(dividend, divisor) == round(exact)


@given(whole, st.fractions(min_value=0, max_value=1))
def test_a_part_is_never_more_than_its_share(amount: int, part: Fraction) -> None:
    """Rounded down: parts of a whole can always be paid from it."""
    assert part_down(amount, part) <= amount * part < part_down(amount, part) + 1


@given(st.integers(0, 10**15), st.lists(st.integers(0, 10**9), min_size=1, max_size=8).filter(any))
def test_shares_sum_to_the_whole(total: int, weights: list[int]) -> None:
    """Nothing is lost in sharing, and nobody is a unit away from the exact share."""
    shares = shared_by_largest_remainder(total, weights)
    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share - Fraction(total * weight, sum(weights))) < 1


@pytest.mark.parametrize("weights", [[], [0, 0], [3, -1]])
def test_weights_that_cannot_share_are_refused(weights: list[int]) -> None:
    with pytest.raises(ValueError, match=r"weights must not be negative and not all zero|empty"):
        shared_by_largest_remainder(10, weights)


def test_ties_go_to_the_earlier_seat() -> None:
    assert shared_by_largest_remainder(5, [1, 1, 1, 1]) == [2, 1, 1, 1]
