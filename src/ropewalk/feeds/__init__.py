"""
Feeds: rows in, bars out. Every source of bars ends in a `Feed`, checked before a run sees it.

Names are loaded when first used, so that importing ropewalk costs neither numpy nor polars.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ropewalk.feeds.anything import feed_of
    from ropewalk.feeds.corporate import dividend_of, split_of
    from ropewalk.feeds.csv import csv_feed
    from ropewalk.feeds.feed import Feed
    from ropewalk.feeds.frames import frame_feed
    from ropewalk.feeds.historical import HistoricalDataBar
    from ropewalk.feeds.parquet import parquet_feed
    from ropewalk.feeds.sample import sample_feed
    from ropewalk.feeds.synthetic import synthetic_feed

__all__ = [
    "Feed",
    "HistoricalDataBar",
    "csv_feed",
    "dividend_of",
    "feed_of",
    "frame_feed",
    "parquet_feed",
    "sample_feed",
    "split_of",
    "synthetic_feed",
]

_HOMES = {
    "Feed": "feed",
    "HistoricalDataBar": "historical",
    "csv_feed": "csv",
    "dividend_of": "corporate",
    "feed_of": "anything",
    "frame_feed": "frames",
    "parquet_feed": "parquet",
    "sample_feed": "sample",
    "split_of": "corporate",
    "synthetic_feed": "synthetic",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)


def __dir__() -> list[str]:
    return sorted({**globals(), **_HOMES})
