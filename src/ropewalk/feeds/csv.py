"""CSV files: read as text first, so that whatever cannot be believed is shown with its line."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from ropewalk.errors import FINDINGS_MAX, clipped
from ropewalk.feeds.files import Paths, contents, files_feed, unzipped
from ropewalk.feeds.findings import finding
from ropewalk.feeds.header import Reading, header_of
from ropewalk.feeds.table import Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from ropewalk.feeds.feed import Feed
    from ropewalk.feeds.files import Opened
    from ropewalk.feeds.findings import Findings

ENDINGS = (".csv", ".csv.gz")
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def csv_feed(
    path: Paths,
    *,
    symbol: str | None = None,
    zone: str = "UTC",
    columns: Mapping[str, str] | None = None,
    sort: bool = False,
) -> Feed:
    """
    Read bars from a CSV file, a folder of CSV files, or several paths.

    A file has a header and one bar a row: symbol, timestamp, open, high, low, close and perhaps
    volume, in any order and case, also as ticker, date, datetime or time; `columns` maps our names to
    others. A file without a symbol column holds bars of `symbol`; in a folder or a list, of the symbol
    that its name says. Times are ISO texts, or counts since 1970; those without an offset are
    local to `zone`. Rows of a symbol stand in order of time, or are put in order with `sort`.
    Raises FeedError with up to twenty findings, each with file, line and column.
    """
    return files_feed(path, read_csv, endings=ENDINGS, reading=Reading(symbol, columns), zone=zone, sort=sort)


class Cells(NamedTuple):
    """The rows of a CSV file as texts, and the line of each row."""

    columns: list[pl.Series]
    lines: NDArray[np.int64]


def read_csv(path: Path, reading: Reading, findings: Findings) -> Opened:
    """Read one file into a table of texts. What stands in the way goes to the findings."""
    name = path.name
    packed = contents(path, findings)
    data = None if packed is None else unzipped(packed, path, findings)
    if data is None or not _is_text(data, name, findings):
        return None
    first, _, body = data.removeprefix(BYTE_ORDER_MARK).partition(b"\n")
    names = _fields(first.decode("utf-8").rstrip("\r"), f"{name}:1", findings)
    found = findings.found
    header = None if names is None else header_of(names, f"{name}:1", findings, reading)
    if names is None or header is None or findings.found > found:
        return None
    cells = _plain(body, len(names)) or _quoted(body, len(names), name, findings)
    if cells is None or (findings.found > found and not len(cells.lines)):
        return None
    columns = {ours: cells.columns[seat] for ours, seat in header.positions.items()}
    lines, titles = cells.lines, {ours: names[seat] for ours, seat in header.positions.items()}

    def place(row: int, field: str) -> str:
        return f"{name}:{lines[row]}:{titles.get(field, field)}"

    symbol = None if "symbol" in columns else reading.symbol or reading.stem
    return Table(columns, symbol, place), header.notes


def _is_text(data: bytes, name: str, findings: Findings) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        wrong = f"byte {error.start} is 0x{data[error.start]:02x}, which is not UTF-8"
        hint = "save it as UTF-8" + (", it looks like UTF-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "")
        findings.add(finding("F28", f"{name}:{line}", wrong, expected="UTF-8 text", hint=hint))
        return False
    if data.count(b"\r") != data.count(b"\r\n"):
        alone = len(re.split(rb"\r(?!\n)", data, maxsplit=1)[0])
        line = data.count(b"\n", 0, alone) + 1
        findings.add(finding("F30", f"{name}:{line}", "a line ends in a lone carriage return", expected="LF or CRLF"))
        return False
    return True


def _is_irregular(body: bytes) -> bool:
    """Whether quotes or empty lines keep the rows from being counted by their commas."""
    return b'"' in body or b"\n\n" in body or b"\n\r\n" in body or body.startswith((b"\n", b"\r\n"))


def _plain(body: bytes, width: int) -> Cells | None:
    """Read all rows at once, if none has quotes, is empty, or has too few or too many fields."""
    if _is_irregular(body):
        return None
    if not body:
        return Cells([pl.Series([], dtype=pl.String)] * width, np.empty(0, dtype=np.int64))
    text = np.frombuffer(body if body.endswith(b"\n") else body + b"\n", dtype=np.uint8)
    begins = np.concatenate(([0], np.flatnonzero(text == ord("\n"))[:-1] + 1))
    commas = np.add.reduceat(text == ord(","), begins, dtype=np.int64)
    if (commas != width - 1).any():
        return None
    schema = {f"column {seat}": pl.String for seat in range(width)}
    frame = pl.read_csv(io.BytesIO(body), has_header=False, schema=schema, quote_char=None)
    return Cells(frame.get_columns(), np.arange(2, len(frame) + 2))


def _quoted(body: bytes, width: int, name: str, findings: Findings) -> Cells | None:
    """Read rows line by line; those with an open quote or another number of fields are findings."""
    rows: list[Sequence[str]] = []
    lines: list[int] = []
    ragged: list[int] = []
    for line, text in enumerate(body.decode("utf-8").split("\n"), start=2):
        if not text.strip():
            continue
        fields = _fields(text.rstrip("\r"), f"{name}:{line}", findings)
        if fields is None:
            return None
        if len(fields) == width:
            rows.append(fields)
            lines.append(line)
        else:
            ragged.append(line)
            if len(ragged) <= FINDINGS_MAX:
                wrong = f"has {len(fields)} fields ({clipped(text)})"
                findings.add(
                    finding("F31", f"{name}:{line}", wrong, expected=f"{width}, as in the header"), row=len(rows)
                )
    findings.found += max(len(ragged) - FINDINGS_MAX, 0)
    texts = zip(*rows, strict=True) if rows else [()] * width
    return Cells([pl.Series(list(column), dtype=pl.String) for column in texts], np.array(lines, dtype=np.int64))


def _fields(text: str, place: str, findings: Findings) -> list[str] | None:
    """Split one line; a quote that is not closed on it is a finding."""
    try:
        return next(csv.reader([text], strict=True), [])
    except csv.Error as error:
        wrong = f"a quoted field is not closed on its line, or has text after it ({error}: {clipped(text)})"
        findings.add(finding("F30", place, wrong, expected="quotes in pairs"))
        return None
