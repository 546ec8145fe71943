"""One door: whatever holds bars becomes a feed, and all else is told what would."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import polars as pl
import pytest

from ropewalk.errors import FeedError
from ropewalk.feeds import HistoricalDataBar, feed_of, synthetic_feed

MONDAY = datetime(2024, 1, 1, tzinfo=UTC)
BARS = [HistoricalDataBar("X", MONDAY, 1, 1, 1, 1)]
FRAME = pl.DataFrame(
    {"symbol": ["X"], "timestamp": [MONDAY], "open": [1], "high": [1], "low": [1], "close": [1], "volume": [0]}
)
DIGEST = feed_of(BARS).digest


def test_a_feed_stays_itself() -> None:
    feed = synthetic_feed(1, 3)
    assert feed_of(feed) is feed


@pytest.mark.parametrize(
    "data",
    [
        BARS,
        tuple(BARS),
        {"X": BARS},
        FRAME,
        FRAME.lazy(),
        FRAME.to_arrow(),
        FRAME.to_pandas(),
        {"X": FRAME.drop("symbol")},
    ],
    ids=range(8),
)
def test_whatever_holds_the_bars_gives_the_same_feed(data: object) -> None:
    assert feed_of(data).digest == DIGEST


def test_frames_by_symbol_become_one_feed() -> None:
    alone = FRAME.drop("symbol").with_columns(extra=1)
    feed = feed_of({"B": alone, "A": alone.to_pandas()})
    assert feed.symbols == ("A", "B")
    assert feed.notes == ("ignored columns: 'extra'",)


def test_files_are_read_by_their_ending(tmp_path: Path) -> None:
    FRAME.write_csv(tmp_path / "x.csv")
    assert feed_of(tmp_path / "x.csv").digest == DIGEST
    assert feed_of(str(tmp_path / "x.csv")).digest == DIGEST
    assert feed_of([tmp_path / "x.csv"]).digest == DIGEST
    assert feed_of(tmp_path).digest == DIGEST
    FRAME.write_parquet(tmp_path / "x.parquet")
    assert feed_of(tmp_path / "x.parquet").digest == DIGEST
    (tmp_path / "x.csv").unlink()
    assert feed_of(tmp_path).digest == DIGEST


def test_files_that_could_be_two_things_are_refused(tmp_path: Path) -> None:
    FRAME.write_csv(tmp_path / "x.csv")
    FRAME.write_parquet(tmp_path / "x.parquet")
    with pytest.raises(FeedError, match="means both CSV and Parquet files"):
        feed_of(tmp_path)
    with pytest.raises(FeedError, match="means no file of an ending that is known — expected a Feed, a path"):
        feed_of(tmp_path / "x.xlsx")
    with pytest.raises(FeedError, match=r"F01 .*there is no such file"):
        feed_of(tmp_path / "y.csv")


@pytest.mark.parametrize("data", [None, 5, object(), b"x.csv", pd.Series([1]), (bar for bar in BARS)], ids=range(6))
def test_all_else_is_told_what_would_do(data: object) -> None:
    with pytest.raises(FeedError, match=r"expected a Feed, a path of \.csv, \.csv\.gz or \.parquet files"):
        feed_of(data)


def test_nothing_is_no_feed() -> None:
    for empty in ([], (), {}):
        with pytest.raises(FeedError, match="F05"):
            feed_of(empty)
