"""Files: which ones a path means, their bytes, and every way in which one cannot be had."""

from __future__ import annotations

import gzip
import io
import stat
import zlib
from difflib import get_close_matches
from itertools import pairwise
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ropewalk.errors import clipped
from ropewalk.feeds.check import shown
from ropewalk.feeds.feed import FIELDS, Feed
from ropewalk.feeds.findings import Findings, finding
from ropewalk.feeds.header import Reading
from ropewalk.feeds.table import Table, jumps, series_of
from ropewalk.feeds.times import check_zone
from ropewalk.market.series import Series

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Opened = tuple[Table, tuple[str, ...]] | None
    """A file's table and notes about it, or nothing when it has findings instead."""

BYTES_MAX = 2**31
Paths = str | PathLike[str] | list[str | PathLike[str]] | tuple[str | PathLike[str], ...]
"""A file, a folder of files, or several of either."""


def files_feed(
    given: Paths,
    read: Callable[[Path, Reading, Findings], Opened],
    *,
    endings: tuple[str, ...],
    reading: Reading,
    zone: str,
    sort: bool,
) -> Feed:
    """
    Make one feed of all files that a path means, in the order of their names.

    Parts of one symbol in several files are joined when they do not overlap. Raises FeedError.
    """
    check_zone(zone)
    paths, several = listed(given, endings)
    label = paths[0].name + (f" and {len(paths) - 1} more" if len(paths) > 1 else "")
    findings = Findings(label)
    parts: list[tuple[Series, str]] = []
    notes: dict[str, None] = {}
    for path in paths:
        stem = path.name.removesuffix(next((end for end in endings if path.name.endswith(end)), ""))
        opened = read(path, reading._replace(stem=stem) if several else reading, findings)
        if opened is not None:
            table, said = opened
            parts += [(one, path.name) for one in series_of(table, findings, zone=zone, sort=sort)]
            notes |= dict.fromkeys(said)
    findings.raise_any()
    series = _joined(parts, findings)
    findings.raise_any()
    return Feed(series, label=label, notes=(*notes, *jumps(series)))


def listed(given: Paths, endings: tuple[str, ...]) -> tuple[list[Path], bool]:
    """
    List the files that are meant, sorted, and say whether there may be several.

    Raises FeedError when a folder holds no file of these endings.
    """
    several = isinstance(given, (list, tuple))
    paths: list[Path] = []
    for each in given if isinstance(given, (list, tuple)) else (given,):
        path = Path(each)
        files = inside(path)
        if files is not None:
            several = True
            files = [file for file in files if file.name.endswith(endings)]
            if not files:
                wrong = f"the folder holds no {' or '.join(endings)} file"
                Findings(path.name).refuse(finding("F02", str(path), wrong, expected="a file, or a folder of them"))
            paths += files
        else:
            paths.append(path)
    if not paths:
        Findings("an empty list").refuse(finding("F02", "[]", "names no file", expected="at least one path"))
    return paths, several


def inside(path: Path) -> list[Path] | None:
    """List a folder, sorted by name; nothing when it is no folder that can be listed."""
    try:
        return sorted(path.iterdir()) if path.is_dir() else None
    except OSError:
        return None


def contents(path: Path, findings: Findings) -> bytes | None:
    """Read a file whole, or say why it cannot be read."""
    try:
        before = path.stat()
    except FileNotFoundError:
        findings.add(_missing(path))
        return None
    except (OSError, ValueError) as error:
        findings.add(finding("F03", clipped(str(path)), f"cannot be read ({error})", expected="a readable file"))
        return None
    wrong = ""
    if not stat.S_ISREG(before.st_mode):
        wrong = finding("F39", str(path), "is not a regular file", expected="a file on disk")
    elif before.st_size == 0:
        wrong = finding("F04", str(path), "is empty (0 bytes)", expected="a header and rows")
    elif before.st_size > BYTES_MAX:
        wrong = finding("F40", str(path), f"has {before.st_size} bytes", expected=f"up to {BYTES_MAX}", hint="split it")
    if wrong:
        findings.add(wrong)
        return None
    try:
        data = path.read_bytes()
        after = path.stat()
    except OSError as error:
        findings.add(finding("F03", str(path), f"cannot be read ({error})", expected="a readable file"))
        return None
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or len(data) != after.st_size:
        findings.add(finding("F38", str(path), "changed while it was read", expected="a file at rest"))
        return None
    return data


def unzipped(data: bytes, path: Path, findings: Findings) -> bytes | None:
    """Unpack what is packed as its name says; say so when name and content disagree."""
    is_packed, says_packed = data.startswith(b"\x1f\x8b"), path.name.endswith(".gz")
    if data.startswith((b"PK\x03\x04", b"\x28\xb5\x2f\xfd", b"BZh", b"\xfd7zXZ")):
        findings.add(finding("F32", str(path), "is compressed (zip, zstd, bzip2 or xz)", expected="text, or gzip"))
        return None
    if is_packed != says_packed:
        wrong, hint = ("is gzip", "name it .csv.gz") if is_packed else ("is not gzip", "name it .csv")
        findings.add(finding("F32", str(path), wrong, expected="a name that says what is inside", hint=hint))
        return None
    if not is_packed:
        return data
    try:
        with gzip.open(io.BytesIO(data)) as packed:
            text = packed.read(BYTES_MAX + 1)
    except (OSError, EOFError, zlib.error) as error:
        findings.add(finding("F35", str(path), f"is damaged gzip ({error})", expected="a whole file"))
        return None
    if len(text) > BYTES_MAX:
        ratio = len(text) // len(data)
        wrong = f"unpacks to more than {BYTES_MAX} bytes, over {ratio} times its size"
        findings.add(finding("F33", str(path), wrong, expected=f"up to {BYTES_MAX}", hint="split it"))
        return None
    return text


def _missing(path: Path) -> str:
    near = get_close_matches(path.name, [file.name for file in inside(path.parent) or ()])
    hint = f"did you mean {' or '.join(near)}?" if near else ""
    return finding(
        "F01", str(path), f"there is no such file (working folder {Path.cwd()})", expected="a file", hint=hint
    )


def _joined(parts: Sequence[tuple[Series, str]], findings: Findings) -> tuple[Series, ...]:
    """Put parts of one symbol end to end; those that overlap are findings."""
    by_symbol: dict[str, list[tuple[Series, str]]] = {}
    for one, name in parts:
        by_symbol.setdefault(one.symbol, []).append((one, name))
    joined = []
    for symbol, pieces in by_symbol.items():
        pieces.sort(key=lambda piece: int(piece[0].at_us[0]))
        for (one, name), (other, its_name) in pairwise(pieces):
            if other.at_us[0] <= one.at_us[-1]:
                wrong = f"{symbol} begins at {shown(int(other.at_us[0]))}, but {name} holds it to"
                wrong += f" {shown(int(one.at_us[-1]))}"
                findings.add(finding("F27", its_name, wrong, expected="parts that do not overlap"))
        joined.append(pieces[0][0] if len(pieces) == 1 else _chained([one for one, _ in pieces]))
    return tuple(joined)


def _chained(pieces: Sequence[Series]) -> Series:
    columns: dict[str, Any] = {name: np.concatenate([getattr(one, name) for one in pieces]) for name in FIELDS}
    return Series(pieces[0].symbol, **columns)
