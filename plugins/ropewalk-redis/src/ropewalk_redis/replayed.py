"""
Replayed: the data of a published run, taken back from its Redis Stream.

A run says what it was fed: its bars, its corporate actions with the times that the data gave them, and at its start the
digest of all that. What comes back has that digest, or is refused: it is the same data, so it gives the same run.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec

from ropewalk import Bar, Dividend, Feed, FeedError, RunEnded, RunStarted, Split, feed_of
from ropewalk_redis.server import FORMAT, Server, ServerSettings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    Fields = dict[bytes, bytes]

PAGE = 5_000
NAMES_MAX = 10
KINDS: dict[bytes, Any] = {kind.__name__.encode(): kind for kind in (RunStarted, Bar, Split, Dividend, RunEnded)}


class ReplaySettings(ServerSettings):
    """What a run file may set of the feed: `run` is the id of the entry that a run began with, else the latest."""

    run: str = ""


class _ExDate(msgspec.Struct):
    """Of an ex-date, what its action does not say: the time that the data gave."""

    given_us: int


KINDS[b"ExDate"] = _ExDate


class RedisFeed:
    """The bars and corporate actions of one run on a stream, checked against what the run said it was fed."""

    def __init__(self, settings: ReplaySettings | None = None) -> None:
        self.settings = settings or ReplaySettings()
        self._server = Server(self.settings)
        self._place = f"stream {self.settings.stream!r} of {self._server.where}"

    def bars(self, folder: Path) -> Feed:
        """Read a run. Raises FeedError when the server does not answer, or has no run, or not all of it."""
        with closing(self._server), self._server.asked(f"to read {self.settings.stream!r}", FeedError) as client:
            run, started = self._start(client)
            bars, actions, ended = self._events(client, run)
        if ended.status != "complete":
            raise FeedError(
                f"run {run} on {self._place} is {ended.status}, at {ended.timestamp:%Y-%m-%d %H:%M}: the data after "
                "that are not there"
            )
        feed = feed_of(bars).with_actions(actions) if bars else None
        if feed is None or feed.digest != started.data_digest:
            raise FeedError(
                f"run {run} on {self._place} has {len(bars)} bars and {len(actions)} corporate actions, which are not "
                f"the data that it was fed, {started.data_digest[:16]}…: entries were taken away, or its observer was "
                "not told to publish Bar, Split, Dividend and ExDate"
            )
        return replace(feed, label=f"run {run} on {self._place}")

    def _start(self, client: Any) -> tuple[str, RunStarted]:
        """Find the first entry of the run."""
        wanted = self.settings.run
        seen = 0
        for id, fields in _page(client, self.settings.stream, wanted, wanted) if wanted else self._backwards(client):
            seen += 1
            if fields.get(b"k") != b"RunStarted":
                continue
            said = fields.get(b"format", b"")
            if said != FORMAT:
                raise FeedError(
                    f"run {id} on {self._place} has the format {said.decode(errors='replace')!r}, this "
                    f"ropewalk-redis reads {FORMAT.decode()!r}; update the older of the two"
                )
            return id, self._decoded(id, fields)
        if wanted:
            raise FeedError(f"no run on {self._place} began with {wanted}; the setting run is the id of such an entry")
        if seen:
            raise FeedError(
                f"{self._place} has {seen} entries, and none with which a run began: it was cut, or is not ropewalk's"
            )
        others = sorted(name.decode(errors="replace") for name in client.scan_iter(_type="stream", count=1_000))
        known = f"streams there are {', '.join(others[:NAMES_MAX])}" if others else "there is no other either"
        raise FeedError(f"{self._place} is not there, or empty; {known}")

    def _events(self, client: Any, run: str) -> tuple[list[Bar], list[Split | Dividend], RunEnded]:
        """Read what the run was fed, up to its end."""
        bars: list[Bar] = []
        actions: list[Split | Dividend] = []
        number, due = "0", None
        for id, fields in self._forwards(client, after=run):
            if fields.get(b"run") != run.encode():
                self._check(id, fields)
                continue
            number = fields.get(b"n", b"?").decode(errors="replace")
            if fields.get(b"k") not in KINDS:
                continue
            event = self._decoded(id, fields)
            if isinstance(event, Bar):
                bars.append(event)
            elif isinstance(event, Split | Dividend):
                due = event
            elif isinstance(event, RunEnded):
                return bars, actions, event
            elif due is not None:
                # On the stream an action has the time of its instant; the data may have given an earlier one.
                actions.append(msgspec.structs.replace(due, at_us=event.given_us))
        raise FeedError(
            f"run {run} on {self._place} has no end, the last event there is number {number}: it still goes on, or its "
            "observer was detached, which the run has on record as a Fault"
        )

    def _check(self, id: str, fields: Fields) -> None:
        """Refuse what no run has published; what another run has is no matter."""
        if b"k" not in fields or not (b"run" in fields or b"format" in fields):
            names = ", ".join(sorted(name.decode(errors="replace") for name in fields))
            raise FeedError(
                f"entry {id} of {self._place} is not ropewalk's, it has the fields {names}; use a stream of its own"
            )

    def _decoded(self, id: str, fields: Fields) -> Any:
        try:
            return msgspec.json.decode(fields.get(b"e", b""), type=KINDS[fields[b"k"]])
        except msgspec.MsgspecError as error:
            kind = fields[b"k"].decode()
            raise FeedError(f"entry {id} of {self._place} is no {kind} that can be read: {error}") from error

    def _backwards(self, client: Any) -> Iterator[tuple[str, Fields]]:
        last = "+"
        while page := client.xrevrange(self.settings.stream, last, "-", count=PAGE):
            yield from ((id.decode(), fields) for id, fields in page)
            last = f"({page[-1][0].decode()}"

    def _forwards(self, client: Any, *, after: str) -> Iterator[tuple[str, Fields]]:
        while page := _page(client, self.settings.stream, f"({after}", "+"):
            yield from page
            after = page[-1][0]


def _page(client: Any, stream: str, first: str, last: str) -> list[tuple[str, Fields]]:
    return [(id.decode(), fields) for id, fields in client.xrange(stream, first, last, count=PAGE)]
