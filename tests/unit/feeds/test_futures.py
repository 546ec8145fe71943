"""Other futures: the past stays, bars stay valid, and what comes is really another thing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ropewalk import Bar, feed_of, sample_feed, synthetic_feed
from ropewalk.feeds.futures import cut_after, instants_of, scrambled_after

FIELDS = ("open", "high", "low", "close", "volume")


@given(st.integers(0, 149), st.integers(0, 5))
def test_a_scrambled_future_is_valid_other_and_at_the_same_times(place: int, seed: int) -> None:
    """Moves go the other way, the next one for sure; nothing up to the instant is touched."""
    feed = synthetic_feed(2, 150, seed=seed)
    at_us = instants_of(feed)[place]
    other = scrambled_after(feed, at_us, seed=seed)
    for one, changed in zip(feed.series, other.series, strict=True):
        assert (one.at_us == changed.at_us).all()
        assert all((getattr(one, name)[: place + 1] == getattr(changed, name)[: place + 1]).all() for name in FIELDS)
        assert (changed.low > 0).all()
        assert (changed.low <= np.minimum(changed.open, changed.close)).all()
        assert (changed.high >= np.maximum(changed.open, changed.close)).all()
        assert (changed.volume >= 0).all()
        assert all(np.isfinite(getattr(changed, name)).all() for name in FIELDS)
        if place < 149:
            assert (one.close[place + 1 :] != changed.close[place + 1 :]).mean() > 0.9
            moved, back = one.close[place + 1] - one.close[place], changed.close[place + 1] - changed.close[place]
            assert moved * back <= 0
            assert back
    assert other.digest == scrambled_after(feed, at_us, seed=seed).digest
    assert (other.digest == feed.digest) is (place == 149)


def test_another_seed_is_another_future() -> None:
    """Chance is private and stated."""
    feed = synthetic_feed(1, 50)
    first = instants_of(feed)[10]
    assert len({scrambled_after(feed, first, seed=seed).digest for seed in range(5)}) == 5


def test_prices_that_never_move_are_scrambled_too() -> None:
    """A rest becomes a small move; a fall to a tenth becomes a rise that keeps prices above zero, and back."""
    feed = feed_of([Bar("A", at, *[price] * 4, 5.0) for at, price in enumerate([10.0, 10.0, 10.0, 1.0, 900.0, 900.0])])
    (one,) = scrambled_after(feed, 0).series
    assert (one.close[1:] != feed.series[0].close[1:]).all()
    assert (one.close > 0).all()
    assert one.close.max() <= 1_800.0


def test_a_cut_leaves_the_past_and_every_symbol() -> None:
    """A symbol that comes later keeps its first bar, so that seats and shares stay as they are."""
    feed = sample_feed(["AAPL", "FB"], start="2012-01-01")
    at_us = instants_of(feed)[20]
    aapl, fb = cut_after(feed, at_us).series
    assert (len(aapl), int(aapl.at_us[-1]), len(fb)) == (21, at_us, 1)
    assert cut_after(feed, instants_of(feed)[0] - 1).rows == 2
    assert cut_after(feed, feed.last_us).digest == feed.digest


@pytest.mark.parametrize("symbols", [1, 3])
def test_instants_rise_and_are_told_once(symbols: int) -> None:
    """Whatever the number of symbols."""
    times = instants_of(synthetic_feed(symbols, 30))
    assert len(times) == 30
    assert times == sorted(times)
