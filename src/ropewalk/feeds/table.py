"""Tables: rows of mixed symbols with known columns, on their way to one series a symbol."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from ropewalk.errors import clipped
from ropewalk.feeds.check import NUMBERS, Columns, check_symbol, check_times, check_values, shown
from ropewalk.feeds.findings import finding
from ropewalk.feeds.times import times_of
from ropewalk.market.series import Series

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from ropewalk.feeds.findings import Findings, Place

SORT_HINT = "sort the rows, or pass sort=True"
THOUSANDS = r"^[-+]?[0-9][0-9.,' ]*$"


class Table(NamedTuple):
    """
    The columns of one source by our names, of equal length.

    Without a symbol column all rows are of `symbol`. `place` says where a row's field stands.
    """

    columns: dict[str, pl.Series]
    symbol: str | None
    place: Place


def series_of(table: Table, findings: Findings, *, zone: str, sort: bool) -> list[Series]:
    """
    Read, check and split a table; series stand in the order of their symbols.

    What is wrong goes to the findings, and then the series are not to be used. With `sort` rows are
    put in order of time, else times that go back are findings.
    """
    place, rows = table.place, len(table.columns["timestamp"])
    if not rows:
        findings.add(finding("F05", findings.label, "holds a header and 0 rows", expected="at least one bar"))
        return []
    names, codes, usable = _symbols(table, findings)
    at_us, readable = times_of(table.columns["timestamp"], zone, findings, place)
    usable &= readable
    numbers = []
    for name in NUMBERS:
        values, readable = _numbers(name, table, findings)
        numbers.append(values)
        usable &= readable
    columns = Columns(at_us, *numbers)
    if not usable.all():
        # Rows that have their finding are not checked further: one fault, one finding.
        columns, codes, place = columns.taken(usable), codes[usable], _only(place, np.flatnonzero(usable))
    check_values(columns, findings, place)
    if sort:
        order = np.argsort(columns.at_us, kind="stable")
        columns, codes, place = columns.taken(order), codes[order], _only(place, order)
    check_times(columns.at_us, findings, place, hint=SORT_HINT, codes=codes)
    return [] if findings.found else _split(names, codes, columns)


def jumps(series: Iterable[Series]) -> tuple[str, ...]:
    """Say of each symbol whether its close ever moves by more than half from one bar to the next."""
    notes = []
    for one in series:
        far = np.flatnonzero((one.close[1:] > one.close[:-1] * 1.5) | (one.close[1:] * 1.5 < one.close[:-1]))
        if len(far):
            row = int(far[0])
            often = f", and {len(far) - 1} times more" if len(far) > 1 else ""
            notes.append(
                f"{one.symbol} moves from {one.close[row]} to {one.close[row + 1]} at"
                f" {shown(int(one.at_us[row + 1]))}{often}: a split that its prices are not adjusted for?"
            )
    return tuple(notes)


def _only(place: Place, rows: NDArray[np.intp]) -> Place:
    return lambda row, name: place(int(rows[row]), name)


def _symbols(table: Table, findings: Findings) -> tuple[list[str], NDArray[np.uint32], NDArray[np.bool_]]:
    """The symbols in order, the seat of each row's symbol among them, and which rows have one."""
    rows = len(table.columns["timestamp"])
    if table.symbol is not None:
        check_symbol(table.symbol, "symbol", findings)
        return [table.symbol], np.zeros(rows, dtype=np.uint32), np.ones(rows, dtype=np.bool_)
    column = table.columns["symbol"]
    if column.dtype not in (pl.String, pl.Categorical, pl.Enum):
        wrong = f"the column holds {column.dtype}"
        findings.add(finding("F36", table.place(0, "symbol"), wrong, expected="texts"))
        return [], np.zeros(rows, dtype=np.uint32), np.zeros(rows, dtype=np.bool_)
    texts = column.cast(pl.String).str.strip_chars().fill_null("")
    missing = (texts == "").to_numpy()
    findings.mark(missing, lambda row: finding("F10", table.place(row, "symbol"), "is missing", expected="a symbol"))
    names = texts.unique().sort().to_list()
    codes = (texts.rank("dense") - 1).cast(pl.UInt32).to_numpy()
    first = dict(zip(*np.unique(codes, return_index=True), strict=True))
    for seat, name in enumerate(names):
        if name:
            check_symbol(name, table.place(int(first[seat]), "symbol"), findings)
    return names, codes, ~missing


def _numbers(name: str, table: Table, findings: Findings) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """A column as floats, and which rows hold a number; volumes that no source gave are zero."""
    rows, column, place = len(table.columns["timestamp"]), table.columns.get(name), table.place
    if column is None:
        return np.zeros(rows), np.ones(rows, dtype=np.bool_)
    if not (column.dtype == pl.String or column.dtype.is_numeric()):
        findings.add(finding("F36", place(0, name), f"the column holds {column.dtype}", expected="numbers"))
        return np.zeros(rows), np.zeros(rows, dtype=np.bool_)
    if column.dtype == pl.String:
        column = column.str.strip_chars().replace("", None)
    values = column.cast(pl.Float64, strict=False)
    missing = column.is_null().to_numpy()
    unread = values.is_null().to_numpy() & ~missing
    findings.mark(missing, lambda row: _tell_missing(row, name, place))
    findings.mark(unread, lambda row: _tell_unread(row, name, column[row], place))
    # Adding zero turns -0.0 into 0.0, so that equal bars have equal bytes.
    return values.fill_null(0.0).to_numpy() + 0.0, ~(missing | unread)


def _tell_missing(row: int, name: str, place: Place) -> str:
    return finding("F10", place(row, name), "is missing", expected="a number", hint="drop or fill such rows before")


def _tell_unread(row: int, name: str, text: str, place: Place) -> str:
    hint = ""
    if pl.Series([text]).str.contains(THOUSANDS)[0]:
        hint = "write a point before decimals and nothing between thousands: 4512.25"
    return finding("F09", place(row, name), f"{clipped(text)} is no number", expected="a number", hint=hint)


def _split(names: list[str], codes: NDArray[np.uint32], columns: Columns) -> list[Series]:
    order = np.argsort(codes, kind="stable")
    ends = np.cumsum(np.bincount(codes, minlength=len(names))).tolist()
    begins = [0, *ends[:-1]]
    return [
        Series(name, **columns.taken(order[begin:end])._asdict())
        for name, begin, end in zip(names, begins, ends, strict=True)
    ]
