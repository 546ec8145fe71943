"""
Colours: one for each strategy, the same in every chart and table, light and dark, told apart by the colour-blind too.

The order is that of the seats. From the ninth strategy on colours come back with another dash. Every one has a
contrast of at least 3 : 1 against its page.
"""

from __future__ import annotations

from typing import NamedTuple


class Shade(NamedTuple):
    """One colour, on a light page and on a dark one."""

    light: str
    dark: str


STRATEGIES = (
    Shade("#0f6cbd", "#62abf5"),
    Shade("#c2410c", "#ff9a5e"),
    Shade("#0b7a5e", "#45cba2"),
    Shade("#8a4fbf", "#c4a1f5"),
    Shade("#a66f00", "#e3b94d"),
    Shade("#b8336a", "#f28bb5"),
    Shade("#2b8aa8", "#7fd3ee"),
    Shade("#6b6f2a", "#c3c777"),
)
DASHES = ("solid", "dash", "dot", "dashdot")


def shade(seat: int) -> Shade:
    """Name the colours of a seat."""
    return STRATEGIES[seat % len(STRATEGIES)]


def dash(seat: int) -> str:
    """Name the dash of a seat's lines."""
    return DASHES[seat // len(STRATEGIES) % len(DASHES)]
