"""The tables of a run file, as pydantic models: strict, nothing unknown, every key explained by its type."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ropewalk import feeds
from ropewalk.config import Exact, Settings, Table, Tables
from ropewalk.errors import FeedError
from ropewalk.feeds.feed import bound_us

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ropewalk.feeds.feed import Feed

Moment = datetime | date | str


class Document(Settings):
    """The tables at the top; each is looked at by itself."""

    data: dict[str, Any]
    strategies: dict[str, Any]
    run: Table
    settings: Table
    limits: Table
    journal: Table
    plugins: Table
    observers: Tables
    metrics: Tables
    sections: Tables


class RunTable(Settings):
    """The pot."""

    capital: Exact = Decimal(100_000)


class StrategyTable(Settings):
    """One strategy: what it is, its share, what it is shown and how it is set; None is what cannot be read."""

    use: str | None
    weight: Exact | None
    symbols: list[str] | None = None
    settings: Table


class JournalTable(Settings):
    """How the run is recorded; a folder is relative to the run file, None is the one that the command line has."""

    record: bool = True
    folder: str | None = None
    mode: Literal["memory", "process", "step", "power"] = "process"


class PluginsTable(Settings):
    """Where plugins lie that are not installed: folders, relative to the run file."""

    paths: list[str] | None = None


class DataTable(Settings):
    """Where the bars come from; `start` and `end` are both included."""

    start: Moment | None = None
    end: Moment | None = None

    def flaws(self) -> Iterator[tuple[str, str]]:
        """Say which values cannot be meant, though they are of the right type."""
        bounds_us = {}
        for key, whole_days in (("start", 0), ("end", 1)):
            moment = getattr(self, key)
            try:
                bounds_us[key] = None if moment is None else bound_us(moment, key, whole_days=whole_days)
            except FeedError as error:
                yield key, str(error).removeprefix(f"{key} ")
        start_us, end_us = bounds_us.get("start"), bounds_us.get("end")
        if start_us is not None and end_us is not None and start_us > end_us:
            yield "start", f"{self.start} is after data.end, {self.end} — expected a start before the end"


class SampleTable(DataTable):
    """The packaged real data."""

    source: Literal["sample"]
    symbols: list[str] | None = None
    adjusted: bool = True
    actions: bool = False

    def flaws(self) -> Iterator[tuple[str, str]]:
        """Also refuse to count splits and dividends twice."""
        yield from super().flaws()
        if self.adjusted and self.actions:
            yield "actions", "adjusted prices hold splits and dividends already — expected adjusted = false beside it"

    def feed(self, folder: Path) -> Feed:
        """Load the packaged bars."""
        return feeds.sample_feed(
            self.symbols, start=self.start, end=self.end, adjusted=self.adjusted, actions=self.actions
        )


class SyntheticTable(Settings):
    """A seeded random walk."""

    source: Literal["synthetic"]
    symbols: int | list[str] = 1
    bars: int = 1000
    interval: str = "1d"
    seed: int = 0
    start: Moment = "2020-01-01"

    def feed(self, folder: Path) -> Feed:
        """Make the bars."""
        return feeds.synthetic_feed(self.symbols, self.bars, interval=self.interval, seed=self.seed, start=self.start)

    def flaws(self) -> Iterator[tuple[str, str]]:
        """Say what cannot be made; making one bar tells."""
        for key in ("interval", "start"):
            try:
                feeds.synthetic_feed(**{key: getattr(self, key)}, bars=1)
            except FeedError as error:
                yield key, str(error).removeprefix(f"{key} ")


class FileTable(DataTable):
    """Files of bars: one, a folder, or a list."""

    path: str | list[str]
    symbol: str | None = None
    zone: str = "UTC"
    symbols: list[str] | None = None
    sort: bool = False

    def flaws(self) -> Iterator[tuple[str, str]]:
        """Also look at the zone."""
        from ropewalk.feeds.times import check_zone

        yield from super().flaws()
        try:
            check_zone(self.zone)
        except FeedError as error:
            yield "zone", str(error).removeprefix("zone ")

    def paths(self, folder: Path) -> list[str | Any] | Path:
        """The files, seen from the run file's folder."""
        return folder / self.path if isinstance(self.path, str) else [folder / path for path in self.path]


class CsvTable(FileTable):
    """CSV files."""

    source: Literal["csv"]

    def feed(self, folder: Path) -> Feed:
        """Read them."""
        feed = feeds.csv_feed(self.paths(folder), symbol=self.symbol, zone=self.zone, sort=self.sort)
        return feed.select(self.symbols, start=self.start, end=self.end)


class ParquetTable(FileTable):
    """Parquet files."""

    source: Literal["parquet"]

    def feed(self, folder: Path) -> Feed:
        """Read them."""
        feed = feeds.parquet_feed(self.paths(folder), symbol=self.symbol, zone=self.zone, sort=self.sort)
        return feed.select(self.symbols, start=self.start, end=self.end)


SOURCES: dict[str, type[SampleTable | SyntheticTable | CsvTable | ParquetTable]] = {
    "sample": SampleTable,
    "synthetic": SyntheticTable,
    "csv": CsvTable,
    "parquet": ParquetTable,
}
"""The kinds of data, by the name that `source` gives."""
