"""Notation: how journals name fields."""

from __future__ import annotations


def on_the_wire(field: str) -> str:
    """
    Name a field as journals do: short, since it is written a million times.

    >>> on_the_wire("at_us"), on_the_wire("asked_micros"), on_the_wire("open_quantity"), on_the_wire("amount")
    ('t', 'asked', 'open', 'amount')
    """
    return "t" if field == "at_us" else field.removesuffix("_micros").removesuffix("_quantity")
