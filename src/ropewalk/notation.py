"""Notation: how journals name fields, and how a time of the core is shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def on_the_wire(field: str) -> str:
    """
    Name a field as journals do: short, since it is written a million times.

    >>> on_the_wire("at_us"), on_the_wire("asked_micros"), on_the_wire("open_quantity"), on_the_wire("amount")
    ('t', 'asked', 'open', 'amount')
    """
    return "t" if field == "at_us" else field.removesuffix("_micros").removesuffix("_quantity")


def timestamp(at_us: int) -> datetime:
    """
    Show a time of the core to a person, exactly, in UTC.

    >>> timestamp(1_500_000)
    datetime.datetime(1970, 1, 1, 0, 0, 1, 500000, tzinfo=datetime.timezone.utc)
    """
    return EPOCH + timedelta(microseconds=at_us)
