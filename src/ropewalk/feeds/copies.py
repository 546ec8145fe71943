"""Copies of bars beside a journal: Arrow files named by the digest of what is in them."""

from __future__ import annotations

import os
from contextlib import suppress
from io import BytesIO
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from ropewalk.errors import FeedError
from ropewalk.events import Dividend, Split
from ropewalk.feeds.feed import FIELDS, Feed
from ropewalk.market.series import Series

if TYPE_CHECKING:
    from pathlib import Path

KINDS: dict[str, Any] = {"Split": Split, "Dividend": Dividend}


def save_bars(feed: Feed, folder: Path) -> Path:
    """Keep a feed's bars and actions in `folder`, under their digest; what is there and sound is not written again."""
    import polars as pl

    path = folder / f"{feed.digest}.arrow"
    with suppress(FeedError):
        saved_bars(folder, feed.digest)
        return path
    folder.mkdir(parents=True, exist_ok=True)
    parts = [
        pl.DataFrame({name: getattr(one, name) for name in FIELDS}).with_columns(pl.lit(one.symbol).alias("symbol"))
        for one in feed.series
    ]
    if feed.actions:
        _put(msgspec.json.encode([(type(one).__name__, one) for one in feed.actions]), path.with_suffix(".actions"))
    stream = BytesIO()
    pl.concat(parts).write_ipc(stream)
    _put(stream.getvalue(), path)
    return path


def _put(content: bytes, path: Path) -> None:
    # Whoever finds the file finds all of it.
    unfinished = path.with_name(f"{path.name}.part")
    try:
        with open(str(unfinished), "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(unfinished, path)
    except OSError:
        # A disk that is full has use for the room.
        with suppress(OSError):
            unfinished.unlink()
        raise


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
        if (actions := path.with_suffix(".actions")).exists():
            told = msgspec.json.decode(actions.read_bytes(), type=list[tuple[str, msgspec.Raw]])
            feed = feed.with_actions([msgspec.json.decode(one, type=KINDS[kind]) for kind, one in told])
    except FileNotFoundError:
        raise FeedError(f"{path} is not there") from None
    except (OSError, KeyError, msgspec.MsgspecError, pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise FeedError(f"{path} cannot be read: {error}") from error
    if feed.digest != digest:
        raise FeedError(f"{path} holds other bars than its name says: {feed.digest}")
    return feed


def _series(symbol: str, part: Any) -> Series:
    columns: dict[str, Any] = {name: np.array(part[name].to_numpy()) for name in FIELDS}
    return Series(symbol, **columns)
