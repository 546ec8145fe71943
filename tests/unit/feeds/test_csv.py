"""CSV files: whatever a person's file has wrong is shown with file, line, column and value."""

from __future__ import annotations

import gzip
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ropewalk.errors import FeedError
from ropewalk.feeds import csv_feed
from ropewalk.feeds.feed import Feed

HEADER = "symbol,timestamp,open,high,low,close,volume"
FIRST = "X,2024-01-01,10,12,9,11,100"
SECOND = "X,2024-01-02,10,12,9,11,100"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "prices.csv"


def read(file: Path, *lines: str, **asked: object) -> Feed:
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return csv_feed(file, **asked)


def refused(file: Path, *lines: str, **asked: object) -> str:
    with pytest.raises(FeedError) as caught:
        read(file, *lines, **asked)
    return str(caught.value)


def test_a_file_becomes_a_feed(file: Path) -> None:
    feed = read(file, HEADER, FIRST, SECOND, "A,2024-01-01T09:30,1.5,2.25,1.25,2,0")
    assert feed.symbols == ("A", "X")
    assert feed.label == "prices.csv"
    assert feed.notes == ()
    bar = next(feed.series[0].bars())
    assert (bar.at_us, bar.open, bar.high, bar.low, bar.close, bar.volume) == (
        1_704_101_400_000_000, 1.5, 2.25, 1.25, 2.0, 0.0,
    )  # fmt: skip


@pytest.mark.parametrize(
    "written",
    [
        b"symbol,timestamp,open,high,low,close,volume\nX,2024-01-01,10,12,9,11,100\n",
        b"symbol,timestamp,open,high,low,close,volume\nX,2024-01-01,10,12,9,11,100",
        b"\xef\xbb\xbfsymbol,timestamp,open,high,low,close,volume\nX,2024-01-01,10,12,9,11,100\n",
        b"symbol,timestamp,open,high,low,close,volume\r\nX,2024-01-01,10,12,9,11,100\r\n",
        b'"symbol","timestamp","open","high","low","close","volume"\n"X","2024-01-01","10","12","9","11","100"\n',
        b"symbol,timestamp,open,high,low,close,volume\n\n\nX,2024-01-01,10,12,9,11,100\n\n   \n",
        b"symbol,timestamp,open,high,low,close,volume\r\n\r\nX,2024-01-01,10,12,9,11,100\r\n",
        b"Ticker, Date ,OPEN,High,Low,Close,Vol\nX,2024-01-01, 10 ,12.0,9.00,1.1e1,100\n",
        b"volume,close,low,high,open,time,asset\n100,11,9,12,10,2024-01-01 00:00,X\n",
        b"symbol,datetime,open,high,low,close,volume\nX,2024-01-01T05:30:00.000000+05:30,10,12,9,11,100\n",
        b"symbol,timestamp,open,high,low,close,volume\nX,1704067200,10,12,9,11,100\n",
        b"symbol,timestamp,open,high,low,close,volume\nX,1704067200000,10,12,9,11,100\n",
        b"symbol,timestamp,open,high,low,close,volume\nX,20240101,10,12,9,11,100\n",
    ],
)
def test_ways_to_write_the_same_bar(file: Path, written: bytes) -> None:
    """BOM, CRLF, quotes, empty lines, names, order of columns, ways to write a time: the same digest."""
    plain = read(file, HEADER, FIRST).digest
    file.write_bytes(written)
    assert csv_feed(file).digest == plain
    packed = file.with_name("prices.csv.gz")
    packed.write_bytes(gzip.compress(written))
    assert csv_feed(packed).digest == plain


def test_volume_may_be_left_out(file: Path) -> None:
    feed = read(file, "date,open,high,low,close", "2024-01-01,10,12,9,11", symbol="X")
    assert feed.symbols == ("X",)
    assert feed.series[0].volume.tolist() == [0.0]


def test_columns_may_be_declared(file: Path) -> None:
    lines = ("date,when,px_open,high,low,close", "other,2024-01-01,10,12,9,11")
    feed = read(file, *lines, symbol="X", columns={"timestamp": "when", "open": "px_open"})
    assert feed.rows == 1
    assert feed.notes == ("ignored columns: 'date'",)


def test_a_declared_column_has_no_other_meaning(file: Path) -> None:
    lines = ("time,date,open,high,low,close", "X,2024-01-01,10,12,9,11")
    assert read(file, *lines, columns={"symbol": "time"}).symbols == ("X",)


def test_negative_zero_is_zero(file: Path) -> None:
    """Equal bars have equal bytes."""
    rows = [f"X,2024-01-01,10,12,9,11,{volume}" for volume in ("0", "-0")]
    assert read(file, HEADER, rows[0]).digest == read(file, HEADER, rows[1]).digest


def test_other_columns_are_ignored_and_said(file: Path) -> None:
    feed = read(file, HEADER + ",Adj Close,note", FIRST + ",5.5,hello")
    assert feed.notes == ("ignored columns: 'Adj Close', 'note'",)
    many = read(file, HEADER + "".join(f",c{seat}" for seat in range(30)), FIRST + "," * 30)
    assert many.notes[0].endswith("'c19' and 10 more")


def test_jumps_are_said_and_not_guessed_at(file: Path) -> None:
    feed = read(file, HEADER, FIRST, "X,2024-01-02,5,6,4,5.5,1", "X,2024-01-03,11,11,11,11,1")
    assert feed.notes == (
        "X moves from 11.0 to 5.5 at 2024-01-02T00:00:00Z, and 1 times more: a split that its prices are not"
        " adjusted for?",
    )


def test_gaps_are_no_fault(file: Path) -> None:
    assert read(file, HEADER, FIRST, "X,2024-06-01,10,12,9,11,100").rows == 2


def test_times_without_a_zone_are_local_to_the_declared_one(file: Path) -> None:
    feed = read(file, HEADER, "X,2024-07-01 09:30,10,12,9,11,100", zone="America/New_York")
    assert next(feed.series[0].bars()).timestamp.isoformat() == "2024-07-01T13:30:00+00:00"


def test_sort_puts_rows_in_order(file: Path) -> None:
    sorted_feed = read(file, HEADER, SECOND, FIRST, sort=True)
    assert sorted_feed.digest == read(file, HEADER, FIRST, SECOND).digest


BAD_ROWS = [
    ("X,2024-01-02,10,12,9,11,", "F10 prices.csv:3:volume: is missing — expected a number; drop or fill such rows"),
    ("X,2024-01-02,,12,9,11,1", "F10 prices.csv:3:open: is missing"),
    ("X,2024-01-02,NaN,12,9,11,1", "F10 prices.csv:3:open: is missing or not a number (NaN)"),
    ("X,,10,12,9,11,1", "F10 prices.csv:3:timestamp: is missing — expected an ISO time"),
    (",2024-01-02,10,12,9,11,1", "F10 prices.csv:3:symbol: is missing — expected a symbol"),
    (
        'X,2024-01-02,10,"4,512.25",9,11,1',
        "F09 prices.csv:3:high: '4,512.25' is no number — expected a number; write a",
    ),
    ("X,2024-01-02,10,12,9,eleven,1", "F09 prices.csv:3:close: 'eleven' is no number — expected a number"),
    ("X,2024-01-02,10,12,9," + "1x" * 200 + ",1", "F09 prices.csv:3:close: '1x1x1x1x"),
    ("X,2024-01-02,10,inf,9,11,1", "F11 prices.csv:3:high: is infinite — expected a finite number"),
    ("X,2024-01-02,10,12,-Infinity,11,1", "F11 prices.csv:3:low: is infinite"),
    ("X,2024-01-02,10,12,0,11,1", "F12 prices.csv:3:low: 0.0 is no price — expected a number above zero"),
    ("X,2024-01-02,-10,12,9,11,1", "F12 prices.csv:3:open: -10.0 is no price"),
    ("X,2024-01-02,10,8,9,11,1", "F13 prices.csv:3:high: high is below low (open 10.0, high 8.0, low 9.0, close 11.0)"),
    ("X,2024-01-02,10,12,9,13,1", "F13 prices.csv:3:high: open or close is outside low to high (open 10.0, high 12.0"),
    ("X,2024-01-02,10,12,9,11,-1", "F14 prices.csv:3:volume: -1.0 is negative — expected zero or more"),
    (FIRST, "F16 prices.csv:3:timestamp: 2024-01-01T00:00:00Z was already given at prices.csv:2:timestamp"),
    (
        "X,2023-12-31,10,12,9,11,1",
        "F17 prices.csv:3:timestamp: 2023-12-31T00:00:00Z comes after 2024-01-01T00:00:00Z, given at"
        " prices.csv:2:timestamp — expected rising times; sort the rows, or pass sort=True",
    ),
    (
        "X,2024-01-02T00:00:00Z,10,12,9,11,1",
        "F21 prices.csv:2:timestamp: '2024-01-01' has no zone, '2024-01-02T00:00:00Z' at prices.csv:3:timestamp has",
    ),
    ("X,03/04/2024,10,12,9,11,1", "F23 prices.csv:3:timestamp: '03/04/2024' can be read in two orders, and none is"),
    ("X,31.12.2024,10,12,9,11,1", "F23 prices.csv:3:timestamp: '31.12.2024' can be read in two orders"),
    ("X,2024-02-30,10,12,9,11,1", "F09 prices.csv:3:timestamp: '2024-02-30' is no time — expected an ISO time"),
    ("X,2024-01-02T24:30,10,12,9,11,1", "F09 prices.csv:3:timestamp: '2024-01-02T24:30' is no time"),
    ("X,tomorrow,10,12,9,11,1", "F09 prices.csv:3:timestamp: 'tomorrow' is no time"),
    ("X,1492-01-02,10,12,9,11,1", "F22 prices.csv:3:timestamp: decodes to 1492-01-02T00:00:00Z — expected a year from"),
    ("X,2024-01-02T00:00:00.000000001,10,12,9,11,1", "F22 prices.csv:3:timestamp: '2024-01-02T00:00:00.000000001' has"),
    ("two words,2024-01-02,10,12,9,11,1", "F26 prices.csv:3:symbol: 'two words' is no symbol"),
    ("Z" * 256 + ",2024-01-02,10,12,9,11,1", "is no symbol, 256 characters"),
    ("a\x07b,2024-01-02,10,12,9,11,1", "F26 prices.csv:3:symbol: 'a\\x07b' is no symbol"),
    ('"X,2024-01-02,10,12,9,11,1', "F30 prices.csv:3: a quoted field is not closed on its line"),
    ('"X"y,2024-01-02,10,12,9,11,1', "F30 prices.csv:3: a quoted field is not closed on its line, or has text after"),
    ("X,2024-01-02,10,12,9", "F31 prices.csv:3: has 5 fields ('X,2024-01-02,10,12,9') — expected 7, as in the header"),
    ("X,2024-01-02,10,12,9,11,1,8", "F31 prices.csv:3: has 8 fields"),
    ("X,2024-01-02,10,1e30,9,11,1", "F43 prices.csv:3:high: 1e+30 is more than money can be exact at"),
]


@pytest.mark.parametrize(("row", "expected"), BAD_ROWS)
def test_a_bad_row_is_shown_with_its_line(file: Path, row: str, expected: str) -> None:
    """One fault, one finding, at its place; the same further down, and among quotes and empty lines."""
    text = refused(file, HEADER, FIRST, row)
    assert expected in text
    assert "no bars taken from prices.csv: 1 finding\n" in text
    if row != FIRST and "2023" not in row and "2024-01-02T00:00:00Z" not in row:
        other = refused(file, HEADER, "", '"W",2024-01-01,10,12,9,11,100', "", row)
        assert expected.replace("prices.csv:3", "prices.csv:5") in other


BAD_HEADERS = [
    (("symbol,timestamp,open,high,low,clsoe", "X,2024-01-01,1,1,1,1"),
     "F06 prices.csv:1: has no column 'close' (found 'symbol', 'timestamp', 'open', 'high', 'low', 'clsoe')"
     " — expected close or c; did you mean 'clsoe'? Then columns={'close': 'clsoe'}"),
    (("timestamp,open,high,low,close", "2024-01-01,1,1,1,1"), "F06 prices.csv:1: has no column 'symbol'"),
    (("timestamp,open,high,low,close", "2024-01-01,1,1,1,1"), "for bars of one symbol give symbol='…'"),
    (("a;b", "1;2"), "F06 prices.csv:1: has no column 'timestamp' (found 'a;b')"),
    (("",), "(found none)"),
    (("symbol,date,Time,open,high,low,close", FIRST),
     "F07 prices.csv:1: 'date' and 'Time' both name the timestamp — expected one column each; say which: columns="),
    (("symbol,date,open,open,high,low,close", FIRST), "F07 prices.csv:1: 'open' and 'open' both name the open"),
    (('"symbol,date', FIRST), "F30 prices.csv:1: a quoted field is not closed"),
    ((HEADER,), "F05 prices.csv: holds a header and 0 rows — expected at least one bar"),
    ((HEADER, "", ""), "F05 prices.csv: holds a header and 0 rows"),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "expected"), BAD_HEADERS)
def test_a_bad_header_is_explained(file: Path, lines: tuple[str, ...], expected: str) -> None:
    assert expected in refused(file, *lines)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"symbol": "Y"}, "F07 prices.csv:1: has the column 'symbol', and symbol='Y' was given too"),
        (
            {"columns": {"opne": "open"}},
            "F06 prices.csv:1: columns has the key 'opne' — expected our names; did you mean",
        ),
        ({"columns": {"open": "Opne"}}, "F06 prices.csv:1: has no column 'Opne', declared as the open"),
        ({"zone": "America/NewYork"}, "zone 'America/NewYork' is no time zone — did you mean 'America/New_York'?"),
        ({"zone": "zzzz"}, "zone 'zzzz' is no time zone — names are such as 'UTC'"),
    ],
)
def test_what_is_asked_wrongly_is_explained(file: Path, asked: dict[str, object], expected: str) -> None:
    assert expected in refused(file, HEADER, FIRST, **asked)


def test_a_given_symbol_is_checked(file: Path) -> None:
    text = refused(file, "date,open,high,low,close", "2024-01-01,1,1,1,1", symbol="a b")
    assert "F26 symbol: 'a b' is no symbol" in text


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        (
            "2024-03-10 02:30",
            "F19 prices.csv:2:timestamp: 2024-03-10T02:30:00 was skipped by the clocks of America/New",
        ),
        (
            "2024-11-03 01:30",
            "F20 prices.csv:2:timestamp: 2024-11-03T01:30:00 was shown twice by the clocks of America",
        ),
    ],
)
def test_times_that_clocks_skip_or_show_twice(file: Path, time: str, expected: str) -> None:
    assert expected in refused(file, HEADER, f"X,{time},10,12,9,11,1", zone="America/New_York")


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        ("17532000000000", "F22 prices.csv:2:timestamp: 17532000000000 read as microseconds since 1970 is 1970-07-22"),
        ("170406720", None),
        ("000000001", "F22 prices.csv:2:timestamp: 1 read as seconds since 1970 is 1970-01-01T00:00:01Z"),
        ("1704067200000000", None),
        ("1704067200000000000", None),
        ("1704067200000000001", "F22 prices.csv:2:timestamp: 1704067200000000001 has a part below a microsecond"),
        ("9999999999999999999", "F09 prices.csv:2:timestamp: '9999999999999999999' is no time"),
        ("12345", "F09 prices.csv:2:timestamp: '12345' is no time"),
        ("-1704067200", "F09"),
    ],
)
def test_counts_since_1970_have_one_plausible_unit(file: Path, count: str, expected: str | None) -> None:
    row = f"X,{count},10,12,9,11,1"
    if expected is None:
        assert read(file, HEADER, row).rows == 1
    else:
        assert expected in refused(file, HEADER, row)


def test_one_column_has_one_unit(file: Path) -> None:
    text = refused(file, HEADER, "X,1704067200,10,12,9,11,1", "X,1704067201000,10,12,9,11,1")
    assert "F22 prices.csv:2:timestamp: 1704067200 read as milliseconds since 1970 is 1970-01-20" in text


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (b"", "F04"),
        (b"symbol\xff", "F28 prices.csv:1: byte 6 is 0xff, which is not UTF-8 — expected UTF-8 text; save it as UTF-8"),
        ("symbol".encode("utf-16"), "it looks like UTF-16"),
        (b"a,b\nc,\xe9\n", "F28 prices.csv:2: byte 6 is 0xe9"),
        (b"a,b\rc,d\r", "F30 prices.csv:1: a line ends in a lone carriage return"),
        (gzip.compress(b"a,b\n", mtime=0), "is gzip — expected a name that says what is inside; name it .csv.gz"),
        (b"PK\x03\x04 and so on", "F32"),
    ],
)
def test_what_is_no_csv_is_told_apart(file: Path, written: bytes, expected: str) -> None:
    file.write_bytes(written)
    with pytest.raises(FeedError) as caught:
        csv_feed(file)
    assert expected in str(caught.value)


def test_all_findings_of_all_files_are_collected(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"{HEADER}\n{FIRST}\nX,2024-01-02,0,12,9,11,1\n")
    (tmp_path / "b.csv").write_text(f"{HEADER}\nY,2024-01-02,10,12,9,11,x\nY,2024-01-03,10\n")
    (tmp_path / "c.csv").write_text("symbol\n")
    with pytest.raises(FeedError) as caught:
        csv_feed(tmp_path)
    text = str(caught.value)
    assert "no bars taken from a.csv and 2 more: 8 findings" in text
    assert "F12 a.csv:3:open" in text
    assert "F09 b.csv:2:volume" in text
    assert "F31 b.csv:3" in text
    assert "F06 c.csv:1: has no column 'close'" in text


def test_thousands_of_bad_rows_are_counted(file: Path) -> None:
    text = refused(file, HEADER, *["X,2024-01-02"] * 5000)
    assert "5000 findings" in text
    assert text.count("F31") == 20


@given(
    texts=st.lists(
        st.floats(min_value=1e-6, max_value=8.9e9).map(repr) | st.integers(1, 10**9).map(str), min_size=1, max_size=20
    ),
    quoted=st.booleans(),
)
def test_numbers_are_read_to_the_last_bit(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], quoted: bool
) -> None:
    """As Python's own `float` reads them, whichever way the file is taken apart."""
    file = tmp_path_factory.mktemp("numbers") / "x.csv"
    mark = '"' if quoted else ""
    rows = [f"X,{1704067200 + row},{mark}{text}{mark},{text},{text},{text},1" for row, text in enumerate(texts)]
    assert read(file, HEADER, *rows).series[0].open.tolist() == [float(text) for text in texts]


def test_what_polars_writes_is_read(file: Path) -> None:
    frame = pl.DataFrame({
        "symbol": ["X", "X"],
        "timestamp": pl.Series([1_704_067_200_000_000, 1_704_067_200_000_001]).cast(pl.Datetime("us", "UTC")),
        **{name: [1.25, 1e-6] for name in ("open", "high", "low", "close", "volume")},
    })  # fmt: skip
    frame.write_csv(file)
    assert csv_feed(file).series[0].at_us.tolist() == [1_704_067_200_000_000, 1_704_067_200_000_001]
