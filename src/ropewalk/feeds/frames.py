"""
Frames that the caller has in memory: polars, pandas, pyarrow.

pandas and pyarrow are never imported here: whoever hands in one of theirs has done so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import polars as pl

from ropewalk.errors import clipped
from ropewalk.feeds.feed import Feed
from ropewalk.feeds.findings import Findings, finding
from ropewalk.feeds.header import ALIASES, Reading, header_of
from ropewalk.feeds.kinds import kind_of
from ropewalk.feeds.table import Table, jumps, series_of
from ropewalk.feeds.times import check_zone

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Frame(NamedTuple):
    """A frame of any maker: the names of its columns, and how to get one as a polars series."""

    names: list[str]
    column: Callable[[int], pl.Series]


def frame_feed(
    frame: object,
    *,
    symbol: str | None = None,
    zone: str = "UTC",
    columns: Mapping[str, str] | None = None,
    sort: bool = False,
) -> Feed:
    """
    Take bars from a polars, pandas or pyarrow frame with one bar a row.

    Columns, symbols, zones and order are as in `csv_feed`; a pandas frame may hold its times (and
    symbols) in its index. Raises FeedError with up to twenty findings, each with its row (from 0).
    """
    check_zone(zone)
    label = kind_of(frame)
    findings = Findings(label or "frame")
    if not label:
        findings.refuse(
            finding("F36", "frame", f"is a {type(frame).__name__}", expected="a polars, pandas or pyarrow frame")
        )
    opened = _opened(frame, label, findings)
    header = header_of(opened.names, "columns", findings, Reading(symbol, columns))
    findings.raise_any()
    taken: dict[str, pl.Series] = {}
    for ours, seat in header.positions.items():
        try:
            taken[ours] = opened.column(seat)
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, TypeError, ValueError, OverflowError) as error:
            wrong = f"holds values that make no column ({clipped(str(error))})"
            findings.add(finding("F36", opened.names[seat], wrong, expected="values of one type"))
    findings.raise_any()
    titles = {ours: opened.names[seat] for ours, seat in header.positions.items()}
    table = Table(taken, symbol, lambda row, field: f"row {row}:{titles.get(field, field)}")
    series = series_of(table, findings, zone=zone, sort=sort)
    findings.raise_any()
    return Feed(tuple(series), label=label, notes=(*header.notes, *jumps(series)))


def _opened(frame: Any, label: str, findings: Findings) -> Frame:
    if label == "pandas frame":
        return _of_pandas(frame, findings)
    if label == "arrow table":
        return Frame(list(frame.schema.names), lambda seat: _as_series(pl.from_arrow(frame.column(seat))))
    if isinstance(frame, pl.LazyFrame):
        try:
            frame = frame.collect()
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
            findings.refuse(finding("F36", "frame", f"cannot be collected ({clipped(str(error))})", expected="rows"))
    return Frame(frame.columns, frame.to_series)


def _as_series(column: pl.Series | pl.DataFrame) -> pl.Series:
    return column if isinstance(column, pl.Series) else column.to_series()


def _of_pandas(frame: Any, findings: Findings) -> Frame:
    names = list(frame.columns)
    odd = [name for name in names if not isinstance(name, str)]
    if odd:
        hint = "one row a bar: frame.stack() turns columns by symbol into rows"
        wrong = f"column {clipped(odd[0])} has no text as its name"
        findings.refuse(finding("F06", "columns", wrong, expected="names such as 'close'", hint=hint))
    sources = [lambda seat=seat: frame.iloc[:, seat] for seat in range(len(names))]
    worded = [name.strip().casefold() for name in names]
    for level in range(frame.index.nlevels):
        values = frame.index.get_level_values(level)
        # An index without a name is the time when it holds times, else the number of a row.
        title = values.name or ("timestamp" if hasattr(values, "tz") else None)
        told = str(title).strip().casefold()
        rivals = next((aliases for aliases in ALIASES.values() if told in aliases), (told,))
        if title is not None and not any(name in rivals for name in worded):
            names.append(str(title))
            sources.append(lambda values=values: values.to_series(index=range(len(values))))
    return Frame(names, lambda seat: _of_pandas_column(sources[seat]()))


def _of_pandas_column(column: Any) -> pl.Series:
    dtype = column.dtype
    if getattr(dtype, "tz", None) is not None:
        return _of_numpy(column.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy()).dt.replace_time_zone("UTC")
    if isinstance(dtype, np.dtype) and dtype.kind in "iufM":
        return _of_numpy(column.to_numpy())
    values = column.astype(object)
    return pl.Series(values.where(column.notna(), None).tolist(), strict=True)


def _of_numpy(values: np.ndarray[Any, Any]) -> pl.Series:
    if values.dtype.kind == "M" and np.datetime_data(values.dtype)[0] not in ("ms", "us", "ns"):
        values = values.astype("datetime64[ms]")
    return pl.Series(values)
