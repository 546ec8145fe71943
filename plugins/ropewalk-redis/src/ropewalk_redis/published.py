"""
Published: every event of a run as an entry of a Redis Stream, in order.

An entry has the fields `k`, the type of the event, `n` and `c`, its number and cause, `e`, the event as JSON, and
`run`, the id of the entry with which the run began; that one says `format` instead. So runs that are published to one
stream at once can be told apart.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from pydantic import Field

from ropewalk import EVENTS, ConfigError, PluginError, RunEnded, RunStarted, observer
from ropewalk_redis.server import FORMAT, Server, ServerSettings

NAMED = {event.__name__: event for event in EVENTS}
_json = msgspec.json.Encoder().encode


class PublishingSettings(ServerSettings):
    """
    What a run file may set of the observer.

    `events` are the types to publish, else all; the first and the last event of a run always are. `batch` events are
    sent at once. `entries_max` is about how many entries the stream keeps, else all.
    """

    events: list[str] | None = None
    batch: Annotated[int, Field(ge=1)] = 500
    entries_max: Annotated[int, Field(ge=1)] | None = None


@observer(*EVENTS)
class RedisStream:
    """
    Publishes what it hears. It connects when a run begins, and sends what is left when it ends.

    `run` is the id of the entry that the run began with. Raises PluginError when the server cannot be reached, is lost,
    or refuses: then it is detached with a Fault, and the run goes on, or ends if it was told so.
    """

    def __init__(self, settings: PublishingSettings | None = None) -> None:
        self.settings = settings or PublishingSettings()
        if self.settings.events is not None:
            unknown = [name for name in self.settings.events if name not in NAMED]
            if unknown:
                raise ConfigError(f"there is no event {unknown[0]!r}; there are {', '.join(NAMED)}")
            observer(*dict.fromkeys([RunStarted, *(NAMED[name] for name in self.settings.events), RunEnded]))(self)
        self.run = ""
        self._server = Server(self.settings)
        self._waiting: list[dict[Any, Any]] = []

    def __call__(self, event: Any, number: int, cause: int) -> None:
        """Put an event with those that wait, and send them when they are many."""
        entry = {"k": type(event).__name__, "n": number, "c": cause, "e": _json(event)}
        if type(event) is RunStarted:
            self._waiting = []
            self.run = self._sent([{"format": FORMAT, **entry}])[0].decode()
            return
        self._waiting.append({"run": self.run, **entry})
        is_last = type(event) is RunEnded
        if is_last or len(self._waiting) >= self.settings.batch:
            self._sent(self._waiting)
            self._waiting = []
        if is_last:
            self._server.close()

    def _sent(self, entries: list[dict[Any, Any]]) -> list[bytes]:
        """Add entries to the stream, and return their ids."""
        asked = self.settings
        with self._server.asked(f"to add to {asked.stream!r}", PluginError) as client:
            pipeline = client.pipeline(transaction=False)
            for entry in entries:
                pipeline.xadd(asked.stream, entry, maxlen=asked.entries_max, approximate=True)
            answers: list[bytes] = pipeline.execute()
        return answers
