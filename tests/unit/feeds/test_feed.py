"""Feed: an immutable value, in one order, with a digest of its bars alone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
import pytest

import ropewalk.feeds
from ropewalk.errors import FeedError
from ropewalk.events import Bar
from ropewalk.feeds import Feed, HistoricalDataBar, sample_feed, synthetic_feed
from ropewalk.feeds.objects import objects_feed
from ropewalk.market.series import Series

DAY_US = 86_400_000_000
FIRST = datetime(2020, 1, 1, tzinfo=UTC)


def days(count: int, symbol: str = "AAPL") -> list[Bar]:
    first_us = int(FIRST.timestamp()) * 1_000_000
    return [Bar(symbol, first_us + day * DAY_US, 10.0, 12.0, 9.0, 11.0, 100.0) for day in range(count)]


def test_series_stand_in_the_order_of_symbols() -> None:
    feed = objects_feed({"MSFT": days(2, "MSFT"), "AAPL": days(3)})
    assert feed.symbols == ("AAPL", "MSFT")
    assert feed.rows == 5
    assert feed.first_us == 1_577_836_800_000_000
    assert feed.last_us == feed.first_us + 2 * DAY_US
    assert repr(feed) == "<Feed bar objects: 2 symbols, 5 bars, 2020-01-01T00:00:00Z to 2020-01-03T00:00:00Z>"


def test_one_symbol_has_one_series() -> None:
    one = objects_feed(days(2)).series[0]
    with pytest.raises(FeedError, match="AAPL has more than one series"):
        Feed((one, one))


def test_a_feed_is_never_empty() -> None:
    with pytest.raises(FeedError, match="at least one bar"):
        Feed(())


def test_a_feed_cannot_be_changed() -> None:
    feed = objects_feed(days(2))
    with pytest.raises(AttributeError):
        feed.label = "other"  # type: ignore[misc]
    with pytest.raises(ValueError, match="read-only"):
        feed.series[0].close[0] = 1.0


def test_the_digest_is_of_the_bars_alone() -> None:
    """Label and notes are no part of it; a changed bar, symbol or time is."""
    feed = objects_feed(days(2), label="mine")
    assert feed.digest == objects_feed(days(2), label="yours").digest
    assert len(feed.digest) == 64
    assert feed.digest != objects_feed(days(3)).digest
    assert feed.digest != objects_feed(days(2, "MSFT")).digest
    for field in ("at_us", "open", "high", "low", "close", "volume"):
        one = feed.series[0]
        columns = {name: getattr(one, name).copy() for name in ("at_us", "open", "high", "low", "close", "volume")}
        columns[field][1] += 1
        assert Feed((Series("AAPL", **columns),)).digest != feed.digest, field


def test_the_digest_does_not_see_how_columns_lie_in_memory() -> None:
    one = objects_feed(days(4)).series[0]
    columns = {name: np.repeat(getattr(one, name), 2)[::2] for name in ("at_us", "open", "high", "low", "close")}
    strided = Series("AAPL", **columns, volume=one.volume)
    assert Feed((strided,)).digest == objects_feed(days(4)).digest


def test_the_digest_of_known_bars_never_changes() -> None:
    """Journals name their data by it."""
    assert objects_feed(days(2)).digest == "e012c5d44b3691fe4388293644c535d594884d6311ec6c270382134bc48732f9"


@pytest.mark.parametrize(
    ("start", "end", "kept"),
    [
        (None, None, 10),
        ("2020-01-03", None, 8),
        (None, "2020-01-03", 3),
        ("2020-01-03", "2020-01-03", 1),
        (date(2020, 1, 3), date(2020, 1, 4), 2),
        ("2020-01-03T00:00:00", "2020-01-03T23:59:59", 1),
        ("2020-01-03T00:00:01", None, 7),
        (datetime(2020, 1, 3), datetime(2020, 1, 5), 3),
        (datetime(2020, 1, 3, tzinfo=UTC), datetime(2020, 1, 5, tzinfo=UTC), 3),
        ("2020-01-03T05:00:00+05:00", "2020-01-03T00:00:00Z", 1),
        (datetime(2020, 1, 3, 5, 0, 1, tzinfo=timezone(timedelta(hours=5))), None, 7),
        ("1990-01-01", "2090-01-01", 10),
    ],
)
def test_bounds_are_included_and_a_date_ends_with_its_day(
    start: str | date | None, end: str | date | None, kept: int
) -> None:
    assert objects_feed(days(10)).select(start=start, end=end).rows == kept


def test_a_selection_keeps_label_notes_and_objects() -> None:
    bars = [HistoricalDataBar("AAPL", FIRST + timedelta(days=day), 1, 1, 1, 1) for day in range(4)]
    feed = objects_feed(bars).select(start="2020-01-02", end="2020-01-03")
    assert feed.series[0].originals is not None
    assert [kept is given for kept, given in zip(feed.series[0].originals, bars[1:3], strict=True)] == [True, True]
    made = objects_feed(days(4)).select(start="2020-01-02")
    assert list(made.series[0].bars()) == days(4)[1:]
    sample = sample_feed().select("IBM")
    assert sample.label == "packaged sample"
    assert sample.notes == sample_feed().notes


def test_symbols_without_bars_between_the_bounds_are_left_out() -> None:
    feed = objects_feed({"AAPL": days(2), "MSFT": days(9, "MSFT")})
    assert feed.select(start="2020-01-05").symbols == ("MSFT",)
    assert feed.select(["MSFT", "AAPL"]).symbols == ("AAPL", "MSFT")


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"symbols": "APPL"}, "'APPL': did you mean 'AAPL'?"),
        ({"symbols": ["AAPL", "zzz"]}, "'zzz': known: AAPL"),
        ({"start": "2021-01-01"}, "nothing of bar objects is left between 2021-01-01 and its end for AAPL"),
        ({"start": "2020-01-05", "end": "2020-01-02"}, "it has bars from 2020-01-01T00:00:00Z to 2020-01-10"),
        ({"symbols": []}, "for no symbol"),
        ({"start": "yesterday"}, "start 'yesterday' is no date"),
        ({"end": "2020-13-01"}, "end '2020-13-01' is no date"),
        ({"end": 2020}, "end 2020 is no date"),
    ],
)
def test_a_selection_that_cannot_be_says_why(asked: dict[str, object], message: str) -> None:
    with pytest.raises(FeedError) as caught:
        objects_feed(days(10)).select(**asked)
    assert message in str(caught.value)


def test_names_are_loaded_when_first_used() -> None:
    assert {*ropewalk.feeds.__all__} <= {*dir(ropewalk.feeds)}
    for name in ropewalk.feeds.__all__:
        assert getattr(ropewalk.feeds, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'candles'"):
        ropewalk.feeds.candles  # noqa: B018
    assert synthetic_feed(1, 3).rows == 3
