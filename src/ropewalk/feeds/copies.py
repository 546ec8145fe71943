"""Copies of bars beside a journal: Arrow files named by the digest of what is in them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from ropewalk.errors import FeedError
from ropewalk.feeds.feed import FIELDS, Feed
from ropewalk.market.series import Series

if TYPE_CHECKING:
    from pathlib import Path


def save_bars(feed: Feed, folder: Path) -> Path:
    """Keep a feed's bars in `folder`, under their digest; what is there already is not written again."""
    import polars as pl

    path = folder / f"{feed.digest}.arrow"
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    parts = [
        pl.DataFrame({name: getattr(one, name) for name in FIELDS}).with_columns(pl.lit(one.symbol).alias("symbol"))
        for one in feed.series
    ]
    unfinished = path.with_suffix(".part")
    pl.concat(parts).write_ipc(unfinished)
    os.replace(unfinished, path)
    return path


def saved_bars(folder: Path, digest: str) -> Feed:
    """
    Read bars that were kept under a digest.

    Raises FeedError when they are not there, cannot be read, or are not the bars of that digest.
    """
    import polars as pl

    path = folder / f"{digest}.arrow"
    try:
        frame = pl.read_ipc(path.read_bytes())
        series = [_series(str(symbol), part) for (symbol,), part in frame.group_by("symbol", maintain_order=True)]
        feed = Feed(tuple(series), label=f"the bars of {digest[:16]}")
    except FileNotFoundError:
        raise FeedError(f"{path} is not there; give the data of the run") from None
    except (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise FeedError(f"{path} cannot be read: {error}") from error
    if feed.digest != digest:
        raise FeedError(f"{path} holds other bars than its name says: {feed.digest}; give the data of the run")
    return feed


def _series(symbol: str, part: Any) -> Series:
    columns: dict[str, Any] = {name: np.array(part[name].to_numpy()) for name in FIELDS}
    return Series(symbol, **columns)
