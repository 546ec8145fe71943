"""Corporate actions as a person writes them: a symbol, a date, a ratio or an amount."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ropewalk.errors import FeedError, clipped
from ropewalk.events import Dividend, Split
from ropewalk.feeds.feed import bound_us
from ropewalk.money import exact_micros

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal


def split_of(symbol: str, on: str | date, numerator: int, denominator: int = 1) -> Split:
    """
    Say that on a date each `denominator` shares became `numerator`.

    The date is an ISO text, a date or a datetime; naive ones are UTC. Raises FeedError for what is no date.

    >>> split_of("AAPL", "2005-02-28", 2)
    Split(at_us=1109548800000000, symbol='AAPL', numerator=2, denominator=1)
    """
    return Split(bound_us(on, "on"), symbol, numerator, denominator)


def dividend_of(symbol: str, on: str | date, amount: Decimal | int | str) -> Dividend:
    """
    Say that a date is the ex-date of a dividend of so much a share, kept exactly to six decimals.

    Raises FeedError for floats, more decimals and what is no date.

    >>> dividend_of("AAPL", "2012-08-09", "2.65").per_share_micros
    2650000
    """
    try:
        micros = exact_micros(amount)
    except ValueError as error:
        raise FeedError(f"dividend of {clipped(symbol)}: {error}") from None
    return Dividend(bound_us(on, "on"), symbol, micros)
