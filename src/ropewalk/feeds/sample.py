"""The packaged real data: five US shares, daily, 2000 to 2013. Its origin is in `data/SOURCE.md`."""

from __future__ import annotations

import gzip
import zlib
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

from ropewalk.errors import FeedError, clipped, did_you_mean
from ropewalk.feeds.feed import Feed
from ropewalk.market.series import Series

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

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


def sample_feed(
    symbols: str | Sequence[str] | None = None,
    *,
    start: str | date | None = None,
    end: str | date | None = None,
    adjusted: bool = True,
) -> Feed:
    """
    Load the packaged bars of AAPL, FB, GOOG, IBM and MSFT, or of some of them.

    Adjusted prices are scaled by adjusted close / close and rounded to six decimals, so that returns
    include splits and dividends; else prices are as traded. Volumes are as traded either way. Bars
    stand at midnight UTC of their day. `start` and `end` are as in `Feed.select`. Raises FeedError
    for an unknown symbol, and when a packaged file is damaged.
    """
    wanted = tuple(DIGESTS) if symbols is None else (symbols,) if isinstance(symbols, str) else tuple(symbols)
    unknown = [symbol for symbol in wanted if symbol not in DIGESTS]
    if unknown:
        findings = [f"F06 {clipped(symbol)}: {did_you_mean(str(symbol), DIGESTS)}" for symbol in unknown]
        raise FeedError("packaged sample does not have these symbols", findings)
    folder = files("ropewalk.feeds") / "data"
    chosen = [symbol for symbol in DIGESTS if symbol in wanted]
    read = [_series(symbol, text_of(symbol, (folder / f"{symbol}.csv.gz").read_bytes()), adjusted) for symbol in chosen]
    feed = Feed(tuple(read), label="packaged sample", notes=(ADJUSTED_NOTE if adjusted else RAW_NOTE,))
    return feed.select(start=start, end=end)


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


def _series(symbol: str, text: str, adjusted: bool) -> Series:
    fields = [row.split(",") for row in text.splitlines()[1:]]
    days, *numbers = zip(*fields, strict=True)
    open, high, low, close, volume, adjusted_close = (np.array(column, dtype=np.float64) for column in numbers)
    prices = [open, high, low, close]
    if adjusted:
        factor = adjusted_close / close
        # Scaling and rounding never change the order of two prices, so low and high stay outermost.
        prices = [np.rint(price * factor * 1e6) / 1e6 for price in prices]
    open, high, low, close = prices
    at_us = np.array(days, dtype="datetime64[D]").astype("datetime64[us]").astype(np.int64)
    return Series(symbol, at_us=at_us, open=open, high=high, low=low, close=close, volume=volume)
