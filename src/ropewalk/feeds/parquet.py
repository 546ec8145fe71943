"""Parquet files: as CSV files, but with types, so that what a column holds is said by the file."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import polars as pl

from ropewalk.errors import clipped
from ropewalk.feeds.files import Paths, contents, files_feed
from ropewalk.feeds.findings import finding
from ropewalk.feeds.header import Reading, header_of
from ropewalk.feeds.table import Table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ropewalk.feeds.feed import Feed
    from ropewalk.feeds.files import Opened
    from ropewalk.feeds.findings import Findings

ENDINGS = (".parquet", ".pq")
ROWS_MAX = 100_000_000


def parquet_feed(
    path: Paths,
    *,
    symbol: str | None = None,
    zone: str = "UTC",
    columns: Mapping[str, str] | None = None,
    sort: bool = False,
) -> Feed:
    """
    Read bars from a Parquet file, a folder of them, or several paths.

    Columns, symbols, zones and order are as in `csv_feed`. Prices are of any numeric type. Raises
    FeedError with up to twenty findings, each with file, row (from 0) and column.
    """
    return files_feed(path, read_parquet, endings=ENDINGS, reading=Reading(symbol, columns), zone=zone, sort=sort)


def read_parquet(path: Path, reading: Reading, findings: Findings) -> Opened:
    """Read the columns that matter of one file. What stands in the way goes to the findings."""
    name = path.name
    data = contents(path, findings)
    if data is None:
        return None
    found = findings.found
    try:
        names = list(pl.read_parquet_schema(io.BytesIO(data)))
        rows = pl.scan_parquet(io.BytesIO(data)).select(pl.len()).collect().item()
        header = header_of(names, name, findings, reading)
        if rows > ROWS_MAX:
            findings.add(finding("F40", name, f"has {rows} rows", expected=f"up to {ROWS_MAX}", hint="split it"))
        if findings.found > found:
            return None
        wanted = {ours: names[seat] for ours, seat in header.positions.items()}
        frame = pl.read_parquet(io.BytesIO(data), columns=list(wanted.values()))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        wrong = f"is damaged or no Parquet file ({clipped(str(error).splitlines()[0])})"
        findings.add(finding("F34", name, wrong, expected="a whole Parquet file"))
        return None

    def place(row: int, field: str) -> str:
        return f"{name}:row {row}:{wanted.get(field, field)}"

    symbol = None if "symbol" in wanted else reading.symbol or reading.stem
    return Table({ours: frame[theirs] for ours, theirs in wanted.items()}, symbol, place), header.notes
