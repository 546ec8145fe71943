"""
Where numbers become money, and the only place that rounds.

Money is an integer count of micros: millionths of the account currency. Every rounding has one
function named after its rule, so that a reader sees at the call which rule was meant.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from fractions import Fraction
from math import isfinite, lcm
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MICROS: Final[int] = 1_000_000
"""Micros in one unit of currency; also the parts in a whole for fractions of capital."""

MICROS_MAX: Final[int] = 2**53
"""The largest amount that JSON readers, JavaScript and float64 hold exactly: nine billion units."""

WHOLE: Final[float] = 2.0**52
"""From here on floats have no fractions."""


def exact_micros(amount: Decimal | int | str) -> int:
    """
    Turn an amount that a person typed into micros, without rounding.

    Raises ValueError for floats, for more than six decimals, for what is not a finite number and
    for amounts beyond ±2^53 micros.

    >>> exact_micros("12.50")
    12500000
    """
    # A person may have typed anything; compiled code believes a declared type, and would raise instead.
    typed: Any = amount
    if isinstance(typed, bool) or not isinstance(typed, (Decimal, int, str)):
        kind = type(typed).__name__
        raise ValueError(f"{amount!r} is a {kind}; money is a Decimal, an int or a text such as '100000.50'")
    micros = exact_fraction(amount) * MICROS
    if micros.denominator != 1:
        raise ValueError(f"{amount} has more than six decimals; money is counted in millionths")
    if abs(micros) > MICROS_MAX:
        raise ValueError(f"{amount} is beyond ±{MICROS_MAX // MICROS}, the largest amount kept exactly")
    return int(micros)


def exact_fraction(number: Decimal | int | str) -> Fraction:
    """
    Read a typed number exactly, whatever the decimal context.

    Raises ValueError when it is not a finite number.
    """
    try:
        typed = Decimal(number)
    except InvalidOperation:
        raise ValueError(f"{number!r} is not a number") from None
    if not typed.is_finite():
        raise ValueError(f"{number} is not a finite number")
    if abs(typed.adjusted()) > 40:
        raise ValueError(f"{number} is far outside what money can be")
    return Fraction(typed)


def exact_text(number: Fraction) -> str:
    """
    Write a sum of typed numbers with all its digits, whatever the decimal context.

    >>> exact_text(Fraction(1, 2) + Fraction("0.5000000001"))
    '1.0000000001'
    """
    digits = 0
    while (number * 10**digits).denominator != 1:
        digits += 1
    whole = int(number * 10**digits)
    if not digits:
        return str(whole)
    text = f"{abs(whole):0{digits + 1}}"
    return f"{'-' if whole < 0 else ''}{text[:-digits]}.{text[-digits:]}"


def price_micros_half_even(price: float, scale: float = 1e6) -> int:
    """
    The boundary where a bar's float price enters the ledger: rounded once, half to even.

    `scale` is micros per unit of price for one lot: a million for a lot of one share. A vector of
    prices rounded by `numpy.rint(prices * scale)` gives the same integers.

    >>> price_micros_half_even(101.25)
    101250000
    """
    scaled = price * scale
    # In a sum of 2^52 and more there is no room for a fraction: adding rounds half to even, as `round` does.
    return int(scaled + WHOLE - WHOLE) if 0.0 <= scaled < WHOLE else round(scaled)


def currency(micros: int) -> Decimal:
    """
    Show micros as an exact Decimal of currency, whatever the decimal context.

    >>> currency(-12_500_000)
    Decimal('-12.500000')
    """
    digits = tuple(map(int, str(abs(micros))))
    return Decimal((1 if micros < 0 else 0, digits, -6))


def divided_up(dividend: int, divisor: int) -> int:
    """Divide towards plus infinity: what a strategy pays."""
    return -(-dividend // divisor)


def divided_half_even(dividend: int, divisor: int) -> int:
    """
    Divide to the nearest integer, ties to the even one: what favours nobody.

    `divisor` must be positive.

    >>> [divided_half_even(n, 2) for n in (-3, -1, 1, 3, 5)]
    [-2, 0, 0, 2, 2]
    """
    quotient, rest = divmod(dividend, divisor)
    twice = 2 * rest
    if twice > divisor or (twice == divisor and quotient & 1):
        return quotient + 1
    return quotient


def scaled_towards_zero(quantity: int, numerator: int, denominator: int) -> int:
    """
    Scale a signed quantity by a ratio and cut off what is less than a whole one, alike for longs and shorts.

    >>> scaled_towards_zero(7, 3, 2), scaled_towards_zero(-7, 3, 2)
    (10, -10)
    """
    whole = abs(quantity) * numerator // denominator
    return whole if quantity > 0 else -whole


def part_down(whole: int, part: Fraction) -> int:
    """Take a fraction of an amount, rounded towards minus infinity."""
    return whole * part.numerator // part.denominator


def shared_by_largest_remainder(total: int, weights: Sequence[int]) -> list[int]:
    """
    Share an amount in proportion to weights so that the parts sum to it exactly.

    Each gets the whole part of its share; what is left goes to the largest remainders, ties to the
    earlier seat (Hamilton's method). Weights are not negative and not all zero.

    >>> shared_by_largest_remainder(100, [1, 1, 1])
    [34, 33, 33]
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError(f"weights must not be negative and not all zero, found {list(weights)}")
    shares, remainders = map(list, zip(*(divmod(total * weight, whole) for weight in weights), strict=True))
    by_remainder = sorted(range(len(weights)), key=lambda seat: (-remainders[seat], seat))
    for seat in by_remainder[: total - sum(shares)]:
        shares[seat] += 1
    return shares


def shared_by_fractions(total: int, shares: Sequence[Fraction]) -> list[int]:
    """
    Share an amount in proportion to exact shares, by the largest remainder.

    >>> shared_by_fractions(100, [Fraction(1, 3), Fraction(1, 6)])
    [67, 33]
    """
    whole = lcm(*(share.denominator for share in shares))
    return shared_by_largest_remainder(total, [share.numerator * (whole // share.denominator) for share in shares])


def exact_shares(proportions: Mapping[str, float], whole: Fraction | int = 1) -> dict[str, Fraction]:
    """
    Turn computed numbers into exact shares that sum to the whole: in millionths of it, by the largest remainder.

    Two machines whose floats differ in the last digit agree on millionths. Raises ValueError for what is not a
    finite number, is negative, or is zero throughout.

    >>> exact_shares({"trend": 2.0, "revert": 1.0}, 1)["trend"]
    Fraction(666667, 1000000)
    """
    for name, number in proportions.items():
        if not isfinite(number) or number < 0:
            raise ValueError(f"the proportion of {name} is {number}; give finite numbers, 0 or more")
    exact = [Fraction(number) for number in proportions.values()]
    if not any(exact):
        raise ValueError("all proportions are zero; give at least one above it")
    parts = shared_by_fractions(MICROS, exact)
    return {name: whole * Fraction(part, MICROS) for name, part in zip(proportions, parts, strict=True)}
