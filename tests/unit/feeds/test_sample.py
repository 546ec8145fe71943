"""The packaged real data: the very bytes, their origin, and facts that can be checked by hand."""

from __future__ import annotations

import gzip
import importlib.util
from hashlib import sha256
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from ropewalk.errors import FeedError
from ropewalk.feeds import sample_feed
from ropewalk.feeds.check import Columns, check_times, check_values
from ropewalk.feeds.findings import Findings
from ropewalk.feeds.sample import DIGESTS, text_of

DATA = Path(str(files("ropewalk.feeds"))) / "data"
TOOL = Path(__file__).resolve().parents[3] / "tools" / "make_sample.py"


def text(symbol: str) -> str:
    return gzip.decompress((DATA / f"{symbol}.csv.gz").read_bytes()).decode()


def actions_of(symbol: str) -> tuple[list[str], dict[str, float]]:
    """Splits, and dividends by day, as the adjusted close implies them."""
    rows = [row.split(",") for row in text(symbol).splitlines()[1:]]
    splits, dividends = [], {}
    for before, row in pairwise(rows):
        close, adjusted = float(row[4]), float(row[6])
        factor = (adjusted / float(before[6])) / (close / float(before[4]))
        if abs(factor - 2) < 1e-6:
            splits.append(row[0])
        elif abs(factor - 1) > 1e-6:
            dividends[row[0]] = round((factor - 1) * close, 4)
    return splits, dividends


def test_the_sample_holds_five_symbols() -> None:
    feed = sample_feed()
    assert feed.symbols == ("AAPL", "FB", "GOOG", "IBM", "MSFT")
    assert {one.symbol: len(one) for one in feed.series} == {
        "AAPL": 3270, "FB": 196, "GOOG": 2148, "IBM": 3270, "MSFT": 3270,
    }  # fmt: skip
    assert next(feed.series[0].bars()).timestamp.isoformat() == "2000-03-01T00:00:00+00:00"
    assert feed.label == "packaged sample"
    assert feed.notes == ("five winners, ending in 2013; adjusted prices",)


def test_raw_prices_are_those_that_were_paid() -> None:
    feed = sample_feed("AAPL", adjusted=False)
    bar = next(feed.series[0].bars())
    assert (bar.open, bar.high, bar.low, bar.close, bar.volume) == (118.56, 132.06, 118.5, 130.31, 9616100.0)
    assert "splits show as jumps" in feed.notes[0]


def test_adjusted_closes_are_those_of_the_source() -> None:
    for one in sample_feed().series:
        source = [round(float(row.split(",")[6]), 6) for row in text(one.symbol).splitlines()[1:]]
        assert np.abs(one.close - source).max() <= 1.000001e-6


@pytest.mark.parametrize("adjusted", [True, False])
def test_every_bar_keeps_what_bars_promise(adjusted: bool) -> None:
    findings = Findings("sample")
    for one in sample_feed(adjusted=adjusted).series:
        columns = Columns(one.at_us, one.open, one.high, one.low, one.close, one.volume)
        check_values(columns, findings, lambda row, name: f"{row}:{name}")
        check_times(columns.at_us, findings, lambda row, name: f"{row}:{name}", hint="")
    findings.raise_any()


@pytest.mark.parametrize(
    ("symbol", "splits", "dividends"),
    [("AAPL", ["2000-06-21", "2005-02-28"], 3), ("MSFT", ["2003-02-18"], 37), ("IBM", [], 52), ("GOOG", [], 0)],
)
def test_splits_and_dividends_come_out_exactly(symbol: str, splits: list[str], dividends: int) -> None:
    found = actions_of(symbol)
    assert found[0] == splits
    assert len(found[1]) == dividends


def test_known_dividends() -> None:
    assert actions_of("MSFT")[1]["2004-11-15"] == 3.08
    assert set(actions_of("AAPL")[1].values()) == {2.65}


def test_adjusted_prices_do_not_jump_at_splits() -> None:
    adjusted, raw = sample_feed("MSFT").series[0], sample_feed("MSFT", adjusted=False).series[0]
    split = int(np.searchsorted(raw.at_us, np.datetime64("2003-02-18", "us").astype(np.int64)))
    assert raw.close[split] / raw.close[split - 1] < 0.55
    assert 0.9 < adjusted.close[split] / adjusted.close[split - 1] < 1.1


def test_a_part_of_the_sample() -> None:
    feed = sample_feed(["MSFT", "AAPL"], start="2005-01-01", end="2005-12-31")
    assert feed.symbols == ("AAPL", "MSFT")
    assert feed.rows == 2 * 252


def test_an_unknown_symbol_is_named() -> None:
    with pytest.raises(FeedError, match="'APPL': did you mean 'AAPL'"):
        sample_feed("APPL")


def test_a_part_without_bars_is_refused() -> None:
    with pytest.raises(FeedError, match="nothing of packaged sample is left"):
        sample_feed("FB", end="2010-01-01")


def test_rot_is_found() -> None:
    """Any flipped byte of the packed data either breaks the packing or the digest."""
    packed = (DATA / "FB.csv.gz").read_bytes()
    assert text_of("FB", packed) == text("FB")
    for seat in range(10, len(packed), 97):
        damaged = packed[:seat] + bytes([packed[seat] ^ 1]) + packed[seat + 1 :]
        with pytest.raises(FeedError, match=f"F35 FB.csv.gz: .* damaged .* expected {DIGESTS['FB']}"):
            text_of("FB", damaged)
    with pytest.raises(FeedError, match="damaged"):
        text_of("FB", packed[:100])
    with pytest.raises(FeedError, match="damaged"):
        text_of("FB", (DATA / "IBM.csv.gz").read_bytes())


def test_the_source_page_records_every_digest() -> None:
    page = (DATA / "SOURCE.md").read_text(encoding="utf-8")
    for symbol, digest in DIGESTS.items():
        assert f"| {symbol}.csv.gz | {len(text(symbol).splitlines()) - 1} |" in page
        assert digest in page
    assert sum(file.stat().st_size for file in DATA.iterdir()) < 600_000


@pytest.fixture
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_sample", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_tool_makes_the_packaged_files(
    tool: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The source can be put together again from what was packaged, and gives the packaged texts."""
    rows = [f"{symbol},{row}" for symbol in DIGESTS for row in text(symbol).splitlines()[1:]]
    source = "\n".join([tool.SOURCE_HEADER, *rows]) + "\n"
    assert sha256(source.encode()).hexdigest() == tool.SOURCE_SHA256
    (tmp_path / "stocks.csv.gz").write_bytes(gzip.compress(source.encode()))
    tool.main(tmp_path / "stocks.csv.gz", tmp_path)
    for symbol, digest in DIGESTS.items():
        assert gzip.decompress((tmp_path / f"{symbol}.csv.gz").read_bytes()).decode() == text(symbol)
        assert f'"{symbol}": "{digest}"' in capsys.readouterr().out or symbol != "AAPL"


def test_the_tool_refuses_another_source(tool: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "stocks.csv.gz").write_bytes(gzip.compress(b"Ticker,Date\n"))
    with pytest.raises(SystemExit, match="expected"):
        tool.main(tmp_path / "stocks.csv.gz", tmp_path)
    with pytest.raises(SystemExit, match="begins 'Ticker,Date'"):
        tool.texts_of("Ticker,Date\n")
