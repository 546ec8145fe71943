"""Frames: polars, pandas and pyarrow say the same, and other libraries are not imported for it."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from ropewalk.errors import FeedError
from ropewalk.feeds import frame_feed

TIMES = [datetime(2024, 1, 2, 14, 30, tzinfo=UTC), datetime(2024, 1, 2, 14, 31, tzinfo=UTC)]


def columns(**changed: Any) -> dict[str, Any]:
    plain = {
        "symbol": ["X", "X"], "timestamp": TIMES, "open": [10.0, 10.5], "high": [12.0, 12.5],
        "low": [9.0, 9.5], "close": [11.0, 11.5], "volume": [100, 200],
    }  # fmt: skip
    return plain | changed


DIGEST = frame_feed(pl.DataFrame(columns())).digest


def refused(frame: object, **asked: object) -> str:
    with pytest.raises(FeedError) as caught:
        frame_feed(frame, **asked)
    return str(caught.value)


def pandas_frame(**changed: Any) -> pd.DataFrame:
    return pd.DataFrame(columns(**changed))


@pytest.mark.parametrize(
    "frame",
    [
        pl.DataFrame(columns()).lazy(),
        pa.table(columns()),
        pa.RecordBatch.from_pydict(columns()),
        pa.table(columns(symbol=pa.array(["X", "X"]).dictionary_encode())),
        pandas_frame(),
        pandas_frame().set_index("timestamp"),
        pandas_frame().set_index(["symbol", "timestamp"]),
        pandas_frame().set_index("timestamp").rename_axis("Date"),
        pandas_frame().set_index("timestamp").rename_axis(None),
        pandas_frame().rename(columns=str.title),
        pandas_frame().set_index(pd.Index([7, 9])),
        pandas_frame().set_index(pd.Index([7, 9], name="number")),
        pandas_frame(symbol=pd.Categorical(["X", "X"])),
        pandas_frame().convert_dtypes(),
        pandas_frame().convert_dtypes(dtype_backend="pyarrow"),
        pandas_frame(timestamp=pd.DatetimeIndex(TIMES).tz_convert("America/New_York")),
        pandas_frame(timestamp=pd.DatetimeIndex(TIMES).as_unit("ns")),
        pandas_frame(timestamp=pd.DatetimeIndex(TIMES).as_unit("s")),
        pandas_frame(timestamp=pd.DatetimeIndex(TIMES).tz_localize(None).as_unit("s")),
        pandas_frame(timestamp=pd.Series(TIMES, dtype=object)),
        pandas_frame(timestamp=[moment.isoformat() for moment in TIMES]),
        pandas_frame(timestamp=[int(moment.timestamp()) for moment in TIMES]),
        pandas_frame(open=[Decimal("10"), Decimal("10.5")]),
        pandas_frame(volume=pd.array([100, 200], dtype="Int64")),
        pandas_frame(volume=np.array([100, 200], dtype=np.int32)),
    ],
    ids=range(25),
)
def test_frames_that_say_the_same_give_the_same_digest(frame: object) -> None:
    assert frame_feed(frame).digest == DIGEST


def test_who_made_the_frame_is_its_label() -> None:
    assert frame_feed(pl.DataFrame(columns())).label == "polars frame"
    assert frame_feed(pandas_frame()).label == "pandas frame"
    assert frame_feed(pa.table(columns())).label == "arrow table"


def test_a_subclass_is_a_frame() -> None:
    class Mine(pd.DataFrame):
        pass

    assert frame_feed(Mine(columns())).digest == DIGEST


def test_days_of_pandas_are_midnights() -> None:
    days = pandas_frame(timestamp=[date(2024, 1, 2), date(2024, 1, 3)])
    assert frame_feed(days).first_us == 1_704_153_600_000_000


def test_an_index_does_not_rival_a_column() -> None:
    frame = pandas_frame().set_index(pd.DatetimeIndex(["1999-01-01", "1999-01-02"]))
    assert frame_feed(frame).digest == DIGEST


def test_naive_times_are_local_to_the_zone() -> None:
    naive = pd.DatetimeIndex(TIMES).tz_convert("America/New_York").tz_localize(None)
    assert frame_feed(pandas_frame(timestamp=naive), zone="America/New_York").digest == DIGEST


def test_rows_can_be_sorted_and_symbols_given() -> None:
    frame = pl.DataFrame(columns()).drop("symbol").reverse()
    assert frame_feed(frame, symbol="X", sort=True).digest == DIGEST
    assert "F17 row 1:timestamp: 2024-01-02T14:30:00Z comes after 2024-01-02T14:31:00Z, given at row 0" in refused(
        frame, symbol="X"
    )


def test_sorted_rows_keep_their_places() -> None:
    frame = pl.DataFrame(columns(timestamp=[TIMES[1], TIMES[1]]))
    assert "F16 row 1:timestamp: 2024-01-02T14:31:00Z was already given at row 0:timestamp" in refused(frame, sort=True)


def test_mixed_symbols_are_split() -> None:
    frame = pl.concat([pl.DataFrame(columns(symbol=[name, name])) for name in ("B", "A")])[[0, 2, 1, 3]]
    feed = frame_feed(frame)
    assert feed.symbols == ("A", "B")
    assert feed.select("A").series[0].close.tolist() == [11.0, 11.5]


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        ([1, 2], "F36 frame: is a list — expected a polars, pandas or pyarrow frame"),
        (pl.LazyFrame({"a": [1]}).select("b"), "F36 frame: cannot be collected"),
        (pl.DataFrame(), "F06 columns: has no column 'close' (found none)"),
        (pandas_frame(open=[10.0, np.nan]), "F10 row 1:open: is missing or not a number (NaN)"),
        (pandas_frame(open=["10", 3]), "F36 open: holds values that make no column"),
        (pandas_frame(timestamp=pd.to_datetime([TIMES[0], None])), "F10 row 1:timestamp: is missing"),
        (pandas_frame(timestamp=pd.DatetimeIndex(TIMES).as_unit("ns") + pd.Timedelta(1, "ns")), "F22 row 0:timestamp"),
        (pandas_frame(symbol=["X", None]), "F10 row 1:symbol: is missing"),
        (
            pandas_frame(timestamp=pd.period_range("2024", periods=2, freq="D")),
            "F36 row 0:timestamp: the column holds Object",
        ),
        (pd.DataFrame([[1.0, 2.0]], columns=pd.MultiIndex.from_tuples([("a", "b"), ("a", "c")])), "has no text as its"),
        (pd.DataFrame([[1.0]]), "F06 columns: column 0 has no text as its name — expected names such as 'close'"),
        (pa.table({"symbol": pa.array([["X"]])}), "F06 columns: has no column 'timestamp'"),
        (pl.DataFrame(columns(symbol=[["X"], ["X"]])), "F36 row 0:symbol: the column holds List(String)"),
    ],
)
def test_what_cannot_be_believed_is_shown_with_its_row(frame: object, expected: str) -> None:
    assert expected in refused(frame)


def test_two_columns_of_one_name_are_refused() -> None:
    frame = pandas_frame()
    frame.columns = ["symbol", "timestamp", "open", "high", "low", "close", "close"]
    assert "F07 columns: 'close' and 'close' both name the close" in refused(frame)


def test_pandas_and_pyarrow_are_not_imported() -> None:
    """Nor numpy and polars, before a feed is used."""
    program = (
        "import sys, ropewalk.feeds\n"
        "assert not {'numpy', 'polars', 'pandas', 'pyarrow'} & {*sys.modules}\n"
        "from ropewalk.feeds import sample_feed, feed_of\n"
        "feed_of(sample_feed('FB')).digest\n"
        "assert not {'polars', 'pandas', 'pyarrow'} & {*sys.modules}\n"
        "import polars as pl\n"
        "from ropewalk.feeds import frame_feed\n"
        "frame_feed(pl.DataFrame({'date': ['2024-01-01'], **{n: [1.0] for n in 'ohlc'}}), symbol='X')\n"
        "assert not {'pandas', 'pyarrow'} & {*sys.modules}\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, env={"PYTHONPATH": ":".join(sys.path)})
