"""What a table and its columns are, in a few words each."""

from __future__ import annotations

from typing import Literal, NamedTuple

ColumnType = Literal["integer", "text", "time", "number"]


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
    """Read columns from lines of a name, a type and a meaning."""
    types: dict[str, ColumnType] = {"i": "integer", "t": "text", "at": "time", "f": "number"}
    read = [line.split(" ", 2) for line in told]
    return tuple(Column(name, types[short], meaning) for name, short, meaning in read)
