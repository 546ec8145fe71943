"""The tap: events as tables on the disk, one file a type of event, for whoever goes on with other tools."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import msgspec

from ropewalk import events as words
from ropewalk.errors import ConfigError, clipped, did_you_mean
from ropewalk.events import Bar, Event, RunEnded, RunStarted
from ropewalk.observers.observer import observer

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars

Format = Literal["csv", "parquet"]

CAPITAL = ("Transfer", "Rebalance", "Reallocation", "Suspension")
HEARD = ("Intent", "Conflict", "Decision", "Fill", "Lapse", *CAPITAL, "Fault")
"""What is tapped unless it is said otherwise."""


@observer(RunStarted, RunEnded)
class Tap:
    """
    Writes what it hears, when the run ends, into `folder`: `fill.csv`, `decision.csv`, ….

    `events` are the types of event, `format` is csv or parquet. A row is the event's number, its cause, its time in
    UTC, and its fields as they are named in Python; lists are written as JSON where CSV has no way for them. A type
    that never occurred has a file with its columns and no row. What lies there already is replaced.
    """

    def __init__(self, folder: str, events: list[str] | None = None, format: Format = "csv") -> None:
        if format not in get_args(Format):
            raise ConfigError(f"format {clipped(format)}; formats are {', '.join(get_args(Format))}")
        self.folder = Path(folder)
        self.format = format
        kinds = {name: _kind(name) for name in (HEARD if events is None else events)}
        self._rows: dict[type, list[dict[str, Any]]] = {kind: [] for kind in kinds.values()}
        observer(*dict.fromkeys([*self._rows, RunEnded]))(self)

    def __call__(self, event: Any, number: int, cause: int) -> None:
        """Keep a row; the last event of a run writes them all."""
        rows = self._rows.get(type(event))
        if rows is not None:
            rows.append({"number": number, "cause": cause, **_row(event)})
        if isinstance(event, RunEnded):
            self._write()

    def _write(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        for kind, rows in self._rows.items():
            table = _table(kind, rows)
            path = self.folder / f"{kind.__name__.lower()}.{self.format}"
            if self.format == "parquet":
                table.write_parquet(path)
            else:
                _flat(table).write_csv(path)
            rows.clear()


def _kind(name: str) -> type:
    every = {one: kind for one, kind in vars(words).items() if isinstance(kind, type) and kind is not Event}
    kinds = {one: kind for one, kind in every.items() if issubclass(kind, (Event, Bar))}
    if name not in kinds:
        raise ConfigError(f"there is no event {clipped(name)}; {did_you_mean(str(name), kinds)}")
    return kinds[name]


def _row(event: Any) -> dict[str, Any]:
    # Bars and actions inside an event are told as a mapping each.
    told = {name: msgspec.to_builtins(getattr(event, name)) for name in event.__struct_fields__}
    return {"at": event.timestamp, **{name: value for name, value in told.items() if name != "at_us"}}


def _table(kind: Any, rows: Sequence[dict[str, Any]]) -> polars.DataFrame:
    import polars as pl

    if rows:
        return pl.DataFrame(rows, infer_schema_length=None)
    names = ["number", "cause", "at", *(name for name in kind.__struct_fields__ if name != "at_us")]
    return pl.DataFrame({name: [] for name in names})


def _flat(table: polars.DataFrame) -> polars.DataFrame:
    """Write lists and mappings as JSON."""
    import polars as pl

    nested = [name for name, kind in table.schema.items() if kind.is_nested()]
    return table.with_columns(
        pl.Series(name, [msgspec.json.encode(value).decode() for value in table[name].to_list()]) for name in nested
    )
