"""The packaged real data: five US shares, daily, 2000 to 2013. Its origin is in `data/SOURCE.md`."""

from __future__ import annotations

import gzip
import zlib
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

from ropewalk.errors import FeedError, clipped, did_you_mean
from ropewalk.events import Dividend, Split
from ropewalk.feeds.feed import Feed
from ropewalk.market.series import Series
from ropewalk.money import MICROS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from numpy.typing import NDArray

DIGESTS = {
    "AAPL": "6af8063d42b79cf89ba68dfefe5d8107b8a330f962d736dd3ef3428e4ddcf9dd",
    "FB": "843f7c85b350c49b91ccbdbafd64b9ed7d1e0b8155f9440c83e726ad78569df4",
    "GOOG": "2d9dbe96b11c914c48de81d7ed6e9ae0a37bd85da40888040ededf17bb0d62cc",
    "IBM": "a656c3bcc4ee3254b19cfe44b8613399602815c59beae2eb5d71dcef34752975",
    "MSFT": "3feb728e4b1bad8b9bf615ab83489ca5834543081b9ad3b6cef9e9e117a28546",
}
"""SHA-256 of the text inside each packaged file."""

ADJUSTED_NOTE = "five winners, ending in 2013; adjusted prices"
RAW_NOTE = "five winners, ending in 2013; prices as traded: splits show as jumps, dividends are not paid"
ACTIONS_NOTE = "five winners, ending in 2013; prices as traded, with splits and dividends"


TELLING = 1e-6
"""A change of the adjusted close that differs from that of the close by more has a cause."""

BOTH = "adjusted prices hold splits and dividends already; give adjusted=False with actions=True"


def sample_feed(
    symbols: str | Sequence[str] | None = None,
    *,
    start: str | date | None = None,
    end: str | date | None = None,
    adjusted: bool = True,
    actions: bool = False,
) -> Feed:
    """
    Load the packaged bars of AAPL, FB, GOOG, IBM and MSFT, or of some of them.

    Adjusted prices are scaled by adjusted close / close and rounded to six decimals, so that returns
    include splits and dividends; else prices are as traded. Volumes are as traded either way. With
    `actions=True`, prices as traded come with their splits and dividends. Bars stand at midnight UTC of
    their day. `start` and `end` are as in `Feed.select`. Raises FeedError for an unknown symbol, for
    adjusted prices with actions, which would count both twice, and when a packaged file is damaged.
    """
    wanted = tuple(DIGESTS) if symbols is None else (symbols,) if isinstance(symbols, str) else tuple(symbols)
    unknown = [symbol for symbol in wanted if symbol not in DIGESTS]
    if unknown:
        findings = [f"F06 {clipped(symbol)}: {did_you_mean(str(symbol), DIGESTS)}" for symbol in unknown]
        raise FeedError("packaged sample does not have these symbols", findings)
    if adjusted and actions:
        raise FeedError(f"packaged sample: {BOTH}")
    folder = files("ropewalk.feeds") / "data"
    chosen = [symbol for symbol in DIGESTS if symbol in wanted]
    texts = {symbol: text_of(symbol, (folder / f"{symbol}.csv.gz").read_bytes()) for symbol in chosen}
    read = tuple(_series(symbol, text, adjusted) for symbol, text in texts.items())
    note = ADJUSTED_NOTE if adjusted else ACTIONS_NOTE if actions else RAW_NOTE
    feed = Feed(read, label="packaged sample", notes=(note,))
    if actions:
        feed = feed.with_actions(action for symbol, text in texts.items() for action in _actions(symbol, text))
    return feed.select(start=start, end=end)


def is_packaged(series: Sequence[Series]) -> bool:
    """Say whether bars are the packaged ones, or some of them, by symbols and closes: their readers have to know."""
    symbols = [one.symbol for one in series]
    if not symbols or any(symbol not in DIGESTS for symbol in symbols):
        return False
    for is_adjusted in (True, False):
        closes = {one.symbol: one.close for one in sample_feed(symbols, adjusted=is_adjusted).series}
        if all(bool(np.isin(one.close, closes[one.symbol]).all()) for one in series):
            return True
    return False


def text_of(symbol: str, packed: bytes) -> str:
    """Unpack a packaged file. Raises FeedError when it is not, to the bit, the one that was packaged."""
    try:
        text = gzip.decompress(packed)
    except (OSError, EOFError, zlib.error):
        text = packed
    found = sha256(text).hexdigest()
    if found != DIGESTS[symbol]:
        raise FeedError(
            f"F35 {symbol}.csv.gz: the packaged file is damaged and was not used: its text has SHA-256 {found}"
            f" — expected {DIGESTS[symbol]}; install ropewalk again"
        )
    return text.decode("ascii")


def _columns(text: str) -> tuple[NDArray[np.int64], list[NDArray[np.float64]]]:
    fields = [row.split(",") for row in text.splitlines()[1:]]
    days, *numbers = zip(*fields, strict=True)
    at_us = np.array(days, dtype="datetime64[D]").astype("datetime64[us]").astype(np.int64)
    return at_us, [np.array(column, dtype=np.float64) for column in numbers]


def _series(symbol: str, text: str, adjusted: bool) -> Series:
    at_us, (open, high, low, close, volume, adjusted_close) = _columns(text)
    prices = [open, high, low, close]
    if adjusted:
        factor = adjusted_close / close
        # Scaling and rounding never change the order of two prices, so low and high stay outermost.
        prices = [np.rint(price * factor * 1e6) / 1e6 for price in prices]
    open, high, low, close = prices
    return Series(symbol, at_us=at_us, open=open, high=high, low=low, close=close, volume=volume)


def _actions(symbol: str, text: str) -> Iterator[Split | Dividend]:
    """
    Read splits and dividends off the adjusted closes, which the source made from them.

    adjusted_t/adjusted_(t-1) is (close_t + dividend)·ratio/close_(t-1). All ratios of the sample are two for one, and
    its dividends are whole cents: that is what they are rounded to.
    """
    at_us, (_, _, _, close, _, adjusted) = _columns(text)
    factor = (adjusted[1:] / adjusted[:-1]) / (close[1:] / close[:-1])
    for row in np.flatnonzero(np.abs(factor - 1) > TELLING).tolist():
        when = int(at_us[row + 1])
        if abs(factor[row] - 2) < TELLING:
            yield Split(when, symbol, 2, 1)
        else:
            cents = round(float(factor[row] - 1) * float(close[row + 1]) * 100)
            yield Dividend(when, symbol, cents * MICROS // 100)
