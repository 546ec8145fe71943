"""What a table and its columns are, and the columns that several tables share, in a few words each."""

from __future__ import annotations

from typing import Literal, NamedTuple

ColumnType = Literal["integer", "text", "time", "number"]

POOL_NAME = "pool"
"""What the pool is called in tables; no strategy can have this name."""


class Column(NamedTuple):
    """One column: its name, its type, and what it says."""

    name: str
    type: ColumnType
    meaning: str


class Table(NamedTuple):
    """One table: a row for each what, its columns in order, and whether it can only be had with the run's bars."""

    row: str
    columns: tuple[Column, ...]
    needs_bars: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(column.name for column in self.columns)


def columns(*told: str) -> tuple[Column, ...]:
    """
    Read columns from lines of a name, a type and a meaning; types are i, t, at and f.

    >>> columns("seat i from 0")
    (Column(name='seat', type='integer', meaning='from 0'),)
    """
    types: dict[str, ColumnType] = {"i": "integer", "t": "text", "at": "time", "f": "number"}
    read = [line.split(" ", 2) for line in told]
    return tuple(Column(name, types[short], meaning) for name, short, meaning in read)


EVENT = (
    "number i number of the event in the run",
    "cause i number of the event that led to it; a step where it was an instant",
    "timestamp at instant at which it happened",
)
WHO = ("strategy t whose it is", "symbol t in which symbol")
CURVE = (
    "equity_micros i cash and positions at the closes",
    "cash_micros i cash",
    "gross_exposure_micros i Σ |position · mark|",
    "net_exposure_micros i Σ position · mark",
    "flow_micros i capital that came (+) or went (−) at the instant; no profit",
    "drawdown f fall below the highest wealth so far, 0 or negative; capital that came or went does not count",
)
TRIP = (
    "direction i 1 long, −1 short",
    "quantity_max i largest position in lots, unsigned",
    "opened_at at when it left flat",
)
TRIP_MONEY = (
    "gross_micros i realised before fees",
    "commission_micros i commissions",
    "slippage_micros i slippage, which is in the prices already",
    "net_micros i gross less commissions",
)
