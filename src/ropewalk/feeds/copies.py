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

ACTIONS = ".actions"
KINDS: dict[str, Any] = {"Split": Split, "Dividend": Dividend}


def save_bars(feed: Feed, folder: Path) -> Path:
    """Keep a feed's bars and actions in `folder`, under their digest; what is there and sound is not written again."""
    import polars as pl

    path = folder / f"{feed.digest}.arrow"
    if _is_saved(feed, path):
        return path
    folder.mkdir(parents=True, exist_ok=True)
    parts = [
        pl.DataFrame({name: getattr(one, name) for name in FIELDS}).with_columns(pl.lit(one.symbol).alias("symbol"))
        for one in feed.series
    ]
    if feed.actions:
        _put(_told(feed), path.with_suffix(ACTIONS))
    stream = BytesIO()
    pl.concat(parts).write_ipc(stream)
    _put(stream.getvalue(), path)
    return path


def _told(feed: Feed) -> bytes:
    return msgspec.json.encode([(type(one).__name__, one) for one in feed.actions])


def _is_saved(feed: Feed, path: Path) -> bool:
    """Hold a feed against its copy, column by column: who has the bars at hand need not take their digest."""
    import polars as pl

    try:
        frame = pl.read_ipc(path.read_bytes())
        if len(frame) != feed.rows or (feed.actions and path.with_suffix(ACTIONS).read_bytes() != _told(feed)):
            return False
        start = 0
        for one in feed.series:
            part = frame.slice(start, len(one))
            start += len(one)
            if not (part["symbol"] == one.symbol).all():
                return False
            if not all(_are_equal(part[name].to_numpy(), getattr(one, name)) for name in FIELDS):
                return False
    except (OSError, TypeError, ValueError, pl.exceptions.PolarsError, pl.exceptions.PanicException):
        return False
    return True


def _are_equal(kept: Any, column: Any) -> bool:
    # To the bit: a digest knows -0.0 from 0.0, too.
    return kept.dtype == column.dtype and np.array_equal(kept.view(np.int64), column.view(np.int64))


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
        if (actions := path.with_suffix(ACTIONS)).exists():
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
