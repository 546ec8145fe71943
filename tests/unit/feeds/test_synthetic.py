"""Synthetic bars: the same seed gives the same bytes, and what comes out looks like bars."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ropewalk.errors import FeedError
from ropewalk.feeds import synthetic_feed
from ropewalk.feeds.check import Columns, check_times, check_values
from ropewalk.feeds.findings import Findings
from ropewalk.feeds.synthetic import quoted


def test_known_seeds_give_known_bars_on_any_machine() -> None:
    """Journals name their data by digest: a change here is a change of every recorded synthetic run."""
    assert synthetic_feed(2, 500).digest == "f06c2c4603d32a515a9b6564096f966037c90fa5dd3d9b353522bd705764fb36"
    assert (
        synthetic_feed("BTC/USD", 1000, interval="15m", seed=7).digest
        == "1cfc2551ca4f92544c60f707c988be488e5d1a8c860b0dba2e5ffe2dac395257"
    )


@given(
    seed=st.integers(-(2**70), 2**70),
    bars=st.integers(1, 400),
    interval=st.sampled_from(["1s", "5m", "1h", "1d", "2d", "1w", "20w"]),
    regimes=st.booleans(),
)
def test_every_bar_keeps_what_bars_promise(seed: int, bars: int, interval: str, regimes: bool) -> None:
    feed = synthetic_feed(2, bars, interval=interval, seed=seed, regimes=regimes)
    findings = Findings("synthetic")
    for one in feed.series:
        assert len(one) == bars
        columns = Columns(one.at_us, one.open, one.high, one.low, one.close, one.volume)
        check_values(columns, findings, lambda row, name: f"{row}:{name}")
        check_times(columns.at_us, findings, lambda row, name: f"{row}:{name}", hint="")
        assert (np.rint(one.close * 1e4) / 1e4 == one.close).all()
        assert (one.volume == np.rint(one.volume)).all()
    findings.raise_any()
    assert feed.digest == synthetic_feed(2, bars, interval=interval, seed=seed, regimes=regimes).digest


def test_another_symbol_changes_no_symbol() -> None:
    alone, together = synthetic_feed("B", 300), synthetic_feed(["C", "A", "B"], 300)
    assert together.symbols == ("A", "B", "C")
    assert together.select("B").digest == alone.digest
    assert synthetic_feed(1, 50).digest == synthetic_feed(3, 50).select("SYN001").digest


def test_more_bars_change_no_bar() -> None:
    short, long = synthetic_feed(1, 300).series[0], synthetic_feed(1, 3000).series[0]
    assert (long.close[:300] == short.close).all()
    assert (long.volume[:300] == short.volume).all()


def test_seed_symbol_and_regimes_make_a_difference() -> None:
    digests = [
        synthetic_feed("A", 300).digest,
        synthetic_feed("B", 300).digest,
        synthetic_feed("A", 300, seed=1).digest,
        synthetic_feed("A", 300, regimes=False).digest,
    ]
    assert len({*digests}) == 4


def test_a_long_walk_stays_near_its_start() -> None:
    """A price that has gone far is driven back, so that a million bars neither vanish nor explode."""
    for seed in range(5):
        for one in synthetic_feed(4, 70_000, seed=seed, start="1900-01-01").series:
            assert one.close.min() > one.close[0] / 50
            assert one.close.max() < one.close[0] * 50


def test_prices_are_rounded_as_they_are_quoted() -> None:
    """To cents, below one to 1/100 of a cent, never to nothing, and never past each other."""
    exact = np.array([1e-9, 0.00004, 0.12345, 0.99996, 1.004, 12.3456])
    assert quoted(exact).tolist() == [0.0001, 0.0001, 0.1234, 1.0, 1.0, 12.35]


def test_regimes_change_volatility() -> None:
    def spread(regimes: bool) -> float:
        close = synthetic_feed(1, 8000, regimes=regimes, start="1950-01-01").series[0].close
        returns = (np.diff(close) / close[:-1])[:7980].reshape(-1, 20)
        return float(np.std(returns.std(axis=1)))

    assert spread(True) > 1.5 * spread(False)


def test_days_skip_weekends_and_minutes_do_not() -> None:
    daily = synthetic_feed(1, 10, start="2020-01-04").series[0]
    assert [bar.timestamp.date().isoformat() for bar in daily.bars()][:6] == [
        "2020-01-06", "2020-01-07", "2020-01-08", "2020-01-09", "2020-01-10", "2020-01-13",
    ]  # fmt: skip
    minutes = synthetic_feed(1, 3, interval="90m", start="2020-01-04T22:00:00+01:00").series[0]
    assert [bar.timestamp.isoformat()[:16] for bar in minutes.bars()] == [
        "2020-01-04T21:00", "2020-01-04T22:30", "2020-01-05T00:00",
    ]  # fmt: skip


def test_it_says_that_it_is_synthetic() -> None:
    feed = synthetic_feed(1, 3, seed=5)
    assert feed.notes == ("synthetic bars: a seeded random walk, no market",)
    assert feed.label == "synthetic, seed 5"


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"bars": 0}, "0 bars for 1 symbols — expected 1 to 50000000"),
        ({"bars": True}, "True bars"),
        ({"bars": 2.5}, "2.5 bars"),
        ({"bars": 10**9}, "1000000000 bars"),
        ({"symbols": 10**9}, "symbols 1000000000 — expected 1 to 100000, or names"),
        ({"symbols": 0}, "symbols 0 — expected 1 to 100000, or names"),
        ({"symbols": True}, "symbols True"),
        ({"symbols": []}, "symbols []"),
        ({"symbols": ["A", "A"]}, "A has more than one series"),
        ({"symbols": ["A", "b c"]}, "F26 symbols[1]: 'b c' is no symbol"),
        ({"seed": 1.5}, "seed 1.5 is a float — expected an int"),
        ({"seed": "1"}, "seed '1' is a str"),
        ({"interval": "1 day"}, "interval '1 day' — expected a number and s, m, h, d or w, such as '1d' or '15m'"),
        ({"interval": "0m"}, "interval '0m'"),
        ({"interval": 60}, "interval 60"),
        ({"start": "soon"}, "start 'soon' is no date"),
        ({"start": 2020}, "start 2020 is no date"),
        ({"interval": "999999w", "bars": 900_000}, "900000 bars do not fit between the years 1900 and 2200"),
        ({"start": "2199-12-30", "bars": 500}, "500 bars do not fit"),
        ({"start": "1800-01-01"}, "1000 bars do not fit"),
    ],
)
def test_what_cannot_be_made_is_refused(asked: dict[str, Any], expected: str) -> None:
    with pytest.raises(FeedError) as caught:
        synthetic_feed(**asked)
    assert expected in str(caught.value)
