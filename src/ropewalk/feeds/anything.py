"""One door for whatever holds bars."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ropewalk.errors import FeedError, clipped
from ropewalk.feeds.feed import Feed
from ropewalk.feeds.kinds import kind_of
from ropewalk.feeds.objects import objects_feed

if TYPE_CHECKING:
    from collections.abc import Sequence

ACCEPTED = (
    "a Feed, a path of .csv, .csv.gz or .parquet files or of a folder of them, a list of bars, lists of bars by"
    " symbol, a polars, pandas or pyarrow frame, or frames by symbol"
)


def feed_of(data: object) -> Feed:
    """
    Make a feed of what holds bars, by what it is.

    A feed stays itself; a path is read by its ending, a folder by those in it; lists, tuples and
    mappings hold bar objects, or frames of one symbol each. Whatever needs to be
    declared (zone, symbol, columns) is declared to `csv_feed`, `parquet_feed` and `frame_feed`.
    Raises FeedError for all else.
    """
    if isinstance(data, Feed):
        return data
    if isinstance(data, (str, PathLike)):
        return _of_paths([data], data)
    if isinstance(data, Mapping):
        if data and all(kind_of(each) for each in data.values()):
            return _of_frames(data)
        return objects_feed(data)
    if isinstance(data, (list, tuple)):
        if data and all(isinstance(each, (str, PathLike)) for each in data):
            return _of_paths(data, data)
        return objects_feed(data)
    if kind_of(data):
        from ropewalk.feeds.frames import frame_feed

        return frame_feed(data)
    raise FeedError(f"{clipped(data)} is a {type(data).__name__} — expected {ACCEPTED}")


def _of_frames(frames: Mapping[Any, Any]) -> Feed:
    from ropewalk.feeds.frames import frame_feed

    feeds = [frame_feed(frame, symbol=symbol) for symbol, frame in frames.items()]
    notes = dict.fromkeys(note for feed in feeds for note in feed.notes)
    return Feed(tuple(one for feed in feeds for one in feed.series), label=feeds[0].label, notes=tuple(notes))


def _of_paths(paths: Sequence[Any], given: Any) -> Feed:
    from ropewalk.feeds import csv, parquet
    from ropewalk.feeds.files import inside

    names: list[str] = []
    for path in map(Path, paths):
        files = inside(path)
        names += [path.name] if files is None else [file.name for file in files]
    are_csv = any(name.endswith(csv.ENDINGS) for name in names)
    are_parquet = any(name.endswith(parquet.ENDINGS) for name in names)
    if are_csv == are_parquet:
        found = "both CSV and Parquet files" if are_csv else "no file of an ending that is known"
        raise FeedError(f"{clipped(str(given))} means {found} — expected {ACCEPTED}")
    return csv.csv_feed(given) if are_csv else parquet.parquet_feed(given)
