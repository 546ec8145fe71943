"""Figures: numbers as a reader takes them in, with sensible digits, and no value always with its reason."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, NamedTuple

from ropewalk.collectors.metrics import METRICS
from ropewalk.money import currency
from ropewalk.notation import timestamp

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

NO_VALUE = "—"
MINUS = "\N{MINUS SIGN}"
DAY_US = 86_400_000_000
MISSING = {one.name: one.missing for one in METRICS}


class Figure(NamedTuple):
    """A number as text; `why` says why there is none, `sign` is −1, 0 or 1."""

    text: str
    why: str = ""
    sign: int = 0


def money(micros: int, *, digits: int | None = None) -> str:
    """
    Show an amount of currency: whole from a hundred on, else with two decimals.

    >>> money(1_234_567_890_000), money(-4_500_000)
    ('1,234,568', '−4.50')
    """
    if digits is None:
        digits = 0 if abs(micros) >= 100_000_000 else 2
    return f"{currency(micros):,.{digits}f}".replace("-", MINUS)


def percent(value: float, *, digits: int = 1, signed: bool = False) -> str:
    r"""
    Show a fraction as per cent; from a thousand per cent on without decimals.

    >>> percent(0.1234), percent(-0.5, signed=True), percent(31.4, signed=True)
    ('12.3\xa0%', '−50.0\xa0%', '+3,140\xa0%')
    """
    digits = 0 if abs(value) >= 10 else digits
    text = f"{value * 100:{'+' if signed else ''},.{digits}f}"
    if not any(digit in text for digit in "123456789"):
        text = text.lstrip("+-")
    return text.replace("-", MINUS) + "\N{NO-BREAK SPACE}%"


def ratio(value: float) -> str:
    """
    Show a plain number with two decimals.

    >>> ratio(-0.666), ratio(1234.5)
    ('−0.67', '1,234.50')
    """
    text = f"{value:,.2f}"
    return (text.lstrip("-") if text == "-0.00" else text).replace("-", MINUS)


def count(value: float) -> str:
    """Show a number of things."""
    return f"{value:,.0f}"


def figure(name: str, value: float | None, show: Callable[[float], str], *, colored: bool = False) -> Figure:
    """Show a metric by its name; where it has no value, say why, as `METRICS` does."""
    if value is None or not isfinite(value):
        return Figure(NO_VALUE, MISSING.get(name) or "no value")
    return Figure(show(value), sign=(value > 0) - (value < 0) if colored else 0)


def moment(at_us: int) -> str:
    """
    Show a time in UTC: a date for a midnight, else to the minute.

    >>> moment(0), moment(5_400_000_000)
    ('1970-01-01', '1970-01-01 01:30')
    """
    at = timestamp(at_us)
    return f"{at:%Y-%m-%d}" if not at_us % DAY_US else f"{at:%Y-%m-%d %H:%M}"


def day(at: datetime) -> str:
    """
    Show a date in words.

    >>> day(timestamp(0))
    '1 January 1970'
    """
    return f"{at.day} {at:%B %Y}"
