"""Columns and tables: what a table of a run says of itself; `schema` has all of them."""

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
