"""Corporate actions of a feed: checked, in order, part of the digest only where there are any."""

from __future__ import annotations

from typing import Any

import pytest

from ropewalk import Bar, Dividend, FeedError, Split, dividend_of, feed_of, sample_feed, split_of

DAY_US = 86_400_000_000
DATA = {symbol: [Bar(symbol, day * DAY_US, 9.0, 9.0, 9.0, 9.0) for day in range(2, 7)] for symbol in ("GLD", "SLV")}
FEED = feed_of(DATA)


def test_actions_stand_in_the_order_of_their_times() -> None:
    """Then by symbol, a split before a dividend; adding some keeps those there are."""
    late, early = dividend_of("GLD", "1970-01-06", "0.5"), split_of("SLV", "1970-01-04", 2)
    feed = FEED.with_actions([late]).with_actions([early, split_of("GLD", "1970-01-06", 3, 2)])
    assert feed.actions == (early, Split(5 * DAY_US, "GLD", 3, 2), late)
    assert feed.splits == (early, Split(5 * DAY_US, "GLD", 3, 2))
    assert (
        repr(feed)
        == "<Feed bar objects: 2 symbols, 10 bars, 3 corporate actions, 1970-01-03T00:00:00Z to 1970-01-07T00:00:00Z>"
    )


def test_the_digest_knows_actions_and_nothing_of_none() -> None:
    """Plain feeds digest as ever; each field of an action counts."""
    some = [split_of("GLD", "1970-01-05", 2), split_of("GLD", "1970-01-05", 3), dividend_of("GLD", "1970-01-05", 2)]
    digests = [FEED.with_actions([one]).digest for one in (*some, split_of("SLV", "1970-01-05", 2))]
    assert len(dict.fromkeys([FEED.digest, *digests])) == 5
    assert FEED.with_actions([]).digest == FEED.digest
    assert FEED.digest == "3a25c962ee0075f2dcd46e6ee67fa413894ba8b1c744ebd35615e449175b3792"


def test_a_part_of_a_feed_has_the_actions_within_its_bars() -> None:
    """Those of symbols or times that are left out go with them."""
    feed = FEED.with_actions([split_of("GLD", "1970-01-04", 2), split_of("SLV", "1970-01-06", 2)])
    assert feed.select("SLV").actions == feed.actions[1:]
    assert feed.select(start="1970-01-05").actions == feed.actions[1:]
    assert feed.select(end="1970-01-04").actions == feed.actions[:1]
    assert feed.select().actions == feed.actions


@pytest.mark.parametrize(
    ("action", "finding"),
    [
        ("2:1", r"F50 actions\[0\]: is '2:1' — expected a Split or a Dividend"),
        (Split(5 * DAY_US, "GLD", 1.5, 1), r"F50 actions\[0\]: has \[.*1.5, 1\] — expected whole numbers"),
        (split_of("GLDD", "1970-01-05", 2), r"F51 actions\[0\]: 'GLDD' — expected did you mean 'GLD'"),
        (split_of("GLD", "1970-01-08", 2), r"F52 .* split of GLD at 1970-01-08T.* within the bars of GLD"),
        (split_of("GLD", "1970-01-01", 2), "F52"),
        (split_of("GLD", "1970-01-05", 1), r"F54 actions\[0\]: has the ratio 1:1 — expected such as 2:1"),
        (split_of("GLD", "1970-01-05", 0), "F54"),
        (split_of("GLD", "1970-01-05", -2), "F54"),
        (split_of("GLD", "1970-01-05", 10_001), "F54"),
        (dividend_of("GLD", "1970-01-05", 0), r"F54 actions\[0\]: pays 0 micros"),
        (dividend_of("GLD", "1970-01-05", -1), "F54"),
    ],
)
def test_what_cannot_be_is_refused(action: Any, finding: str) -> None:
    with pytest.raises(FeedError, match=finding):
        FEED.with_actions([action])


def test_nothing_is_counted_twice() -> None:
    """The same kind, symbol and time; a split and a dividend of one day are two things."""
    one = split_of("GLD", "1970-01-05", 2)
    with pytest.raises(FeedError, match=r"2 findings\n.*F53 actions\[1\]: split of GLD .* given at actions\[0\]"):
        FEED.with_actions([one, one, one])
    FEED.with_actions([one, dividend_of("GLD", "1970-01-05", 1)])


def test_dates_and_amounts_are_read_exactly() -> None:
    """No float is an amount of money."""
    assert dividend_of("GLD", "1970-01-02", "0.000001") == Dividend(DAY_US, "GLD", 1)
    with pytest.raises(FeedError, match=r"dividend of .GLD.: 0\.1 is a float"):
        dividend_of("GLD", "1970-01-02", 0.1)  # type: ignore[arg-type]
    with pytest.raises(FeedError, match="on 'soon' is no date"):
        split_of("GLD", "soon", 2)


def test_the_sample_comes_with_its_actions() -> None:
    """Exactly those of its source: two-for-one splits and dividends of whole cents."""
    feed = sample_feed(adjusted=False, actions=True)
    splits = [(one.symbol, str(one.timestamp.date()), one.numerator, one.denominator) for one in feed.splits]
    assert splits == [("AAPL", "2000-06-21", 2, 1), ("MSFT", "2003-02-18", 2, 1), ("AAPL", "2005-02-28", 2, 1)]
    paid = [one for one in feed.actions if isinstance(one, Dividend)]
    assert [sum(one.symbol == symbol for one in paid) for symbol in ("AAPL", "IBM", "MSFT", "GOOG", "FB")] == [
        3, 52, 37, 0, 0,
    ]  # fmt: skip
    assert dividend_of("MSFT", "2004-11-15", "3.08") in paid
    assert all(one.per_share_micros % 10_000 == 0 for one in paid)
    assert feed.notes == ("five winners, ending in 2013; prices as traded, with splits and dividends",)
    assert sample_feed(adjusted=False).actions == ()


def test_adjusted_prices_take_no_actions() -> None:
    """They hold them already."""
    with pytest.raises(FeedError, match="hold splits and dividends already; give adjusted=False"):
        sample_feed(actions=True)
