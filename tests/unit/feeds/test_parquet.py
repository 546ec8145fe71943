"""Parquet files: types are taken as they are, damage is never a traceback."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from ropewalk.errors import FeedError
from ropewalk.feeds import parquet, parquet_feed, sample_feed
from ropewalk.feeds.feed import FIELDS


def frame(rows: int = 3) -> pl.DataFrame:
    return pl.DataFrame({
        "symbol": ["X"] * rows,
        "timestamp": pl.Series([1_704_067_200_000_000 + row for row in range(rows)]).cast(pl.Datetime("us", "UTC")),
        "open": [10.0] * rows,
        "high": [12.0] * rows,
        "low": [9.0] * rows,
        "close": [11.0] * rows,
        "volume": [100.0] * rows,
    })  # fmt: skip


def refused(path: Path, **asked: object) -> str:
    with pytest.raises(FeedError) as caught:
        parquet_feed(path, **asked)
    return str(caught.value)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "prices.parquet"


def test_a_file_becomes_a_feed(file: Path) -> None:
    sample = sample_feed()
    parts = []
    for one in sample.series:
        columns = {name: getattr(one, name) for name in FIELDS}
        parts.append(pl.DataFrame(columns).with_columns(symbol=pl.lit(one.symbol), at_us=pl.col("at_us")))
    pl.concat(parts).with_columns(pl.col("at_us").cast(pl.Datetime("us"))).write_parquet(file)
    feed = parquet_feed(file, columns={"timestamp": "at_us"})
    assert feed.digest == sample.digest
    assert feed.label == "prices.parquet"


@pytest.mark.parametrize(
    "cast",
    [
        {"symbol": pl.Categorical},
        {"symbol": pl.Enum(["X"])},
        {"open": pl.Float32, "close": pl.Float32},
        {"open": pl.Int32, "high": pl.Int64, "low": pl.UInt8, "volume": pl.Int32},
        {"open": pl.Decimal(20, 4)},
        {"open": pl.String, "volume": pl.String},
        {"timestamp": pl.Datetime("ns", "UTC")},
        {"timestamp": pl.Datetime("us", "Asia/Tokyo")},
        {"timestamp": pl.Int64},
        {"timestamp": pl.UInt64},
    ],
)
def test_types_that_say_the_same_give_the_same_digest(file: Path, cast: dict[str, object]) -> None:
    frame().write_parquet(file)
    plain = parquet_feed(file).digest
    frame().cast(cast).write_parquet(file)
    assert parquet_feed(file).digest == plain


def test_days_and_naive_times_are_local_to_the_zone(file: Path) -> None:
    for kind in (pl.Date, pl.Datetime("ms"), pl.Datetime("us")):
        frame(1).cast({"timestamp": pl.Datetime("us")}).cast({"timestamp": kind}).write_parquet(file)
        assert parquet_feed(file).first_us == 1_704_067_200_000_000
        assert parquet_feed(file, zone="Asia/Tokyo").first_us == 1_704_067_200_000_000 - 9 * 3_600_000_000


def test_decimals_are_read_exactly(file: Path) -> None:
    texts = ["0.1", "123456789.123456789012", "7.000000000000000000001"]
    numbers = pl.Series([Decimal(text) for text in texts], dtype=pl.Decimal(38, 21))
    frame().with_columns(open=numbers, high=numbers, low=numbers, close=numbers).write_parquet(file)
    assert parquet_feed(file).series[0].open.tolist() == [float(text) for text in texts]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"open": pl.lit(True)}, "F36 prices.parquet:row 0:open: the column holds Boolean — expected numbers"),
        ({"open": pl.lit("cheap")}, "F09 prices.parquet:row 0:open: 'cheap' is no number"),
        ({"open": pl.Series([10.0, None, 10.0])}, "F10 prices.parquet:row 1:open: is missing"),
        (
            {"volume": pl.lit(-(2**31))},
            "F14 prices.parquet:row 0:volume: -2147483648.0 is negative — expected zero or m",
        ),
        ({"timestamp": pl.lit(1.5)}, "F36 prices.parquet:row 0:timestamp: the column holds Float64"),
        ({"timestamp": pl.lit(None, pl.Date)}, "F10 prices.parquet:row 0:timestamp: is missing"),
        ({"timestamp": pl.lit(7)}, "F22 prices.parquet:row 0:timestamp: 7 read as seconds since 1970 is 1970-01-01T"),
        ({"timestamp": pl.lit(-(2**62))}, "F22 prices.parquet:row 0:timestamp: -4611686018427387904 read as seconds"),
        ({"timestamp": pl.lit(2**64 - 1, pl.UInt64)}, "F22 prices.parquet:row 0:timestamp: 9223372036854775807 has a"),
        ({"timestamp": pl.lit(2**40).cast(pl.Datetime("ms"))}, None),
        ({"timestamp": pl.lit(2**60).cast(pl.Datetime("ms"))}, "F22 prices.parquet:row 0:timestamp: decodes to"),
        ({"timestamp": pl.lit(2**30).cast(pl.Int32).cast(pl.Date)}, "F22 prices.parquet:row 0:timestamp: decodes to"),
        # Times a day would be 2024 again, had they wrapped.
        ({"timestamp": pl.lit(213_523_706).cast(pl.Int32).cast(pl.Date)}, "F22 prices.parquet:row 0:timestamp: decode"),
        ({"timestamp": pl.lit(1_704_067_200_000_000_001).cast(pl.Datetime("ns"))}, "has a part below a microsecond"),
        ({"symbol": pl.lit(5)}, "F36 prices.parquet:row 0:symbol: the column holds Int32 — expected texts"),
        ({"symbol": pl.lit(None, pl.String)}, "F10 prices.parquet:row 0:symbol: is missing"),
    ],
)
def test_what_cannot_be_believed_is_shown_with_its_row(
    file: Path, changed: dict[str, object], expected: str | None
) -> None:
    rows = 1 if expected is None else 3
    frame(rows).with_columns(**changed).write_parquet(file)
    if expected is None:
        assert parquet_feed(file).rows == 1
    else:
        assert expected in refused(file)


def test_missing_columns_are_named(file: Path) -> None:
    frame().drop("close").write_parquet(file)
    assert "F06 prices.parquet: has no column 'close' (found 'symbol', 'timestamp', 'open'" in refused(file)
    assert "1 finding\n" in refused(file)


def test_no_rows_are_refused(file: Path) -> None:
    frame(0).write_parquet(file)
    assert "F05 prices.parquet: holds a header and 0 rows" in refused(file)


def test_a_damaged_file_is_refused(file: Path) -> None:
    """Cut anywhere, or no Parquet at all: a finding, never a traceback."""
    frame().write_parquet(file)
    whole = file.read_bytes()
    for length in [1, 4, 8, *range(16, len(whole), 61), len(whole) - 1]:
        file.write_bytes(whole[:length])
        assert "F34 prices.parquet: is damaged or no Parquet file" in refused(file), length
    file.write_bytes(b"symbol,timestamp\n")
    assert "F34" in refused(file)
    assert "F01" in refused(file.with_name("none.parquet"))


def test_rows_are_bounded(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frame().write_parquet(file)
    monkeypatch.setattr(parquet, "ROWS_MAX", 2)
    assert "F40 prices.parquet: has 3 rows — expected up to 2; split it" in refused(file)


def test_a_folder_holds_one_symbol_a_file(tmp_path: Path) -> None:
    for name in ("B.parquet", "A.pq"):
        frame().drop("symbol").write_parquet(tmp_path / name)
    assert parquet_feed(tmp_path).symbols == ("A", "B")
    assert parquet_feed(tmp_path / "A.pq", symbol="Z").symbols == ("Z",)
