"""
Times as sources write them, as integer microseconds since 1970 UTC.

Only what can be read in one way is read: ISO texts, dates and datetimes, and counts since 1970
whose unit (s, ms, µs, ns) leaves one plausible year. Times without a zone are local to the declared
one; those that its clocks skipped or showed twice are findings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import available_timezones

import numpy as np
import polars as pl

from ropewalk.errors import FeedError, clipped, did_you_mean
from ropewalk.feeds.check import LAST_US, shown
from ropewalk.feeds.findings import finding

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ropewalk.feeds.findings import Findings, Place

ISO = (
    r"^(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[T ](?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.(?P<fraction>[0-9]{1,9}))?)?"
    r" ?(?P<zone>Z|[+-](?:0[0-9]|1[0-5]):?[0-5][0-9])?)?$"
)
SLASHES = r"^[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{2,4}"
DAY_US = 86_400_000_000
UNITS = (("seconds", 1_000_000), ("milliseconds", 1_000), ("microseconds", 1))
PLAUSIBLE_US = int(np.datetime64("1971-01-01", "us").astype(np.int64))
EXPECTED = "an ISO time such as 2020-01-31 or 2020-01-31T09:30:00Z"
NO_NANOSECONDS = "whole microseconds"


class Times(NamedTuple):
    """Microseconds a row, and which rows could be read; those that could not have their finding."""

    at_us: NDArray[np.int64]
    readable: NDArray[np.bool_]


def check_zone(zone: str) -> None:
    """Raise FeedError for a time zone that is not known."""
    try:
        pl.Series([0]).cast(pl.Datetime("us")).dt.replace_time_zone(zone)
    except (pl.exceptions.PolarsError, TypeError):
        hint = did_you_mean(str(zone), sorted(available_timezones()))
        hint = hint if hint.startswith("did") else "names are such as 'UTC' and 'America/New_York'"
        raise FeedError(f"zone {clipped(zone)} is no time zone — {hint}") from None


def times_of(column: pl.Series, zone: str, findings: Findings, place: Place) -> Times:
    """Read a column of times, of whatever type it is."""
    kind = column.dtype
    missing = column.is_null().to_numpy()
    findings.mark(missing, lambda row: finding("F10", place(row, "timestamp"), "is missing", expected=EXPECTED))
    present = ~missing
    if kind == pl.String:
        return _of_texts(column.fill_null(""), present, zone, findings, place)
    if kind == pl.Date:
        local_us = _scaled(column.to_physical().fill_null(0).cast(pl.Int64).to_numpy(), DAY_US)
        return _localized(Times(local_us, present), zone, findings, place)
    if isinstance(kind, pl.Datetime):
        counts = column.to_physical().fill_null(0).to_numpy()
        read = _in_micros(Times(counts, present), kind.time_unit, findings, place)
        return read if kind.time_zone is not None else _localized(read, zone, findings, place)
    if kind.is_integer():
        counts = column.fill_null(0).cast(pl.Int64, strict=False).fill_null(2**63 - 1).to_numpy()
        return _of_counts(Times(counts, present), findings, place)
    findings.add(
        finding("F36", place(0, "timestamp"), f"the column holds {kind}", expected="dates, times or ISO texts")
    )
    return Times(np.zeros(len(column), dtype=np.int64), np.zeros(len(column), dtype=np.bool_))


def _of_texts(column: pl.Series, present: NDArray[np.bool_], zone: str, findings: Findings, place: Place) -> Times:
    texts = column.str.strip_chars()
    parts = texts.str.extract_groups(ISO).struct.unnest()
    day = parts["day"].str.to_date("%Y-%m-%d", strict=False)
    compact = texts.str.contains(r"^[0-9]{8}$")
    day = day.zip_with(~compact, texts.str.to_date("%Y%m%d", strict=False))
    seconds, clock_is_right = _clock(parts)
    nanos = parts["fraction"].str.pad_end(9, "0").cast(pl.Int64).fill_null(0).to_numpy()
    local_us = day.cast(pl.Int64).fill_null(0).to_numpy() * DAY_US + seconds * 1_000_000 + nanos // 1000
    iso = Times(local_us, present & day.is_not_null().to_numpy() & clock_is_right)
    findings.mark(iso.readable & (nanos % 1000 != 0), lambda row: _tell_nanos(row, texts[row], place))

    counted = present & texts.str.contains(r"^[0-9]{9,19}$").to_numpy()
    counts = texts.cast(pl.Int64, strict=False).fill_null(0).to_numpy()
    counted &= counts > 0
    since = _of_counts(Times(np.where(counted, counts, 0), counted), findings, place)

    unread = present & ~iso.readable & ~counted
    findings.mark(unread, lambda row: _tell_unread(row, column[row], place))
    is_aware = counted | (iso.readable & parts["zone"].is_not_null().to_numpy())
    is_naive = iso.readable & ~is_aware
    if is_aware.any() and is_naive.any():
        one, other = int(np.argmax(is_naive)), int(np.argmax(is_aware))
        wrong = f"{clipped(texts[one])} has no zone, {clipped(texts[other])} at {place(other, 'timestamp')} has one"
        findings.add(finding("F21", place(one, "timestamp"), wrong, expected="all of one kind"), row=one)
    local = _localized(Times(local_us, is_naive), zone, findings, place)
    at_us = np.where(counted, since.at_us, np.where(is_naive, local.at_us, local_us - _offset_us(parts["zone"])))
    return Times(at_us, np.where(counted, since.readable, np.where(is_naive, local.readable, iso.readable)))


def _clock(parts: pl.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Seconds since local midnight, and where the clock showed a time that there is."""
    hour, minute, second = (parts[name].cast(pl.Int64).fill_null(0).to_numpy() for name in ("hour", "minute", "second"))
    return hour * 3600 + minute * 60 + second, (hour < 24) & (minute < 60) & (second < 60)


def _offset_us(zone: pl.Series) -> NDArray[np.int64]:
    digits = zone.str.replace_all(r"[^0-9]", "").str.replace(r"^$", "0000")
    hours, minutes = digits.str.slice(0, 2).cast(pl.Int64), digits.str.slice(2, 2).cast(pl.Int64)
    west = zone.str.starts_with("-").fill_null(False).to_numpy()
    offset_us: NDArray[np.int64] = (hours * 60 + minutes).fill_null(0).to_numpy() * 60_000_000
    return np.where(west, -offset_us, offset_us)


def _of_counts(counts: Times, findings: Findings, place: Place) -> Times:
    """Read counts since 1970 in the coarsest unit in which the largest is no later than 2200."""
    values, present = counts
    if not present.any():
        return counts
    largest = int(values[present].max())
    unit, factor = next((unit for unit in UNITS if largest * unit[1] < LAST_US), ("nanoseconds", 0))
    read = Times(_scaled(values, factor), present) if factor else _in_micros(counts, "ns", findings, place)
    implausible = read.readable & ((read.at_us < PLAUSIBLE_US) | (values < 0))
    findings.mark(implausible, lambda row: _tell_count(row, int(values[row]), unit, int(read.at_us[row]), place))
    return Times(read.at_us, read.readable & ~implausible)


def _in_micros(counts: Times, unit: str, findings: Findings, place: Place) -> Times:
    values, present = counts
    if unit == "us":
        return counts
    if unit == "ms":
        return Times(_scaled(values, 1000), present)
    at_us = values // 1000
    odd = present & (values % 1000 != 0)
    findings.mark(odd, lambda row: _tell_nanos(row, int(values[row]), place))
    return Times(at_us, present & ~odd)


def _scaled(values: NDArray[np.int64], factor: int) -> NDArray[np.int64]:
    """Multiply without wrapping; what would wrap stays far outside the years that bars can have."""
    bound = 2**62 // factor
    return np.clip(values, -bound, bound) * factor


def _localized(local: Times, zone: str, findings: Findings, place: Place) -> Times:
    """Take local times of a zone to UTC."""
    if zone == "UTC" or not local.readable.any():
        return local
    clock = pl.Series(np.where(local.readable, local.at_us, 0)).cast(pl.Datetime("us"))
    exact = clock.dt.replace_time_zone(zone, ambiguous="null", non_existent="null")
    shown_at_all = clock.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null").is_not_null().to_numpy()
    known = exact.is_not_null().to_numpy()
    findings.mark(local.readable & ~shown_at_all, lambda row: _tell_gap(row, int(local.at_us[row]), zone, place))
    findings.mark(
        local.readable & shown_at_all & ~known, lambda row: _tell_fold(row, int(local.at_us[row]), zone, place)
    )
    return Times(exact.to_physical().fill_null(0).to_numpy(), local.readable & known)


def _tell_nanos(row: int, value: object, place: Place) -> str:
    wrong = f"{clipped(value)} has a part below a microsecond"
    return finding("F22", place(row, "timestamp"), wrong, expected=NO_NANOSECONDS, hint="round the times before")


def _tell_count(row: int, value: int, unit: str, at_us: int, place: Place) -> str:
    wrong = f"{value} read as {unit} since 1970 is {shown(at_us)}"
    hint = "give ISO times, or check the unit"
    return finding("F22", place(row, "timestamp"), wrong, expected="a year from 1971 to 2200", hint=hint)


def _tell_unread(row: int, text: str, place: Place) -> str:
    where = place(row, "timestamp")
    if not text.strip():
        return finding("F10", where, "is missing", expected=EXPECTED)
    if pl.Series([text.strip()]).str.contains(SLASHES)[0]:
        wrong = f"{clipped(text)} can be read in two orders, and none is guessed"
        return finding("F23", where, wrong, expected=EXPECTED, hint="write years first")
    return finding("F09", where, f"{clipped(text)} is no time", expected=EXPECTED)


def _tell_gap(row: int, local_us: int, zone: str, place: Place) -> str:
    wrong = f"{shown(local_us)[:-1]} was skipped by the clocks of {zone}"
    return finding("F19", place(row, "timestamp"), wrong, expected="a local time that there was", hint="give UTC times")


def _tell_fold(row: int, local_us: int, zone: str, place: Place) -> str:
    wrong = f"{shown(local_us)[:-1]} was shown twice by the clocks of {zone}"
    return finding("F20", place(row, "timestamp"), wrong, expected="a time with an offset", hint="give UTC times")
