"""The server: one connection, without retries, whose errors say where it is and never with what password."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError, RedisError, TimeoutError
from redis.retry import Retry

from ropewalk import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ropewalk import RopewalkError

FORMAT = b"ropewalk 1"
"""What the first entry of a run says beside its event: how the entries of the run are written."""


class ServerSettings(Settings):
    """
    Where a stream is: the `url` of the server, the name of the `stream`, and the `timeout` of an answer in seconds.

    The url is one of redis-py's: redis://, rediss:// with TLS, or unix://; `/1` at its end is the database.
    """

    url: str = "redis://127.0.0.1:6379/0"
    stream: Annotated[str, Field(min_length=1)] = "ropewalk"
    timeout: Annotated[float, Field(gt=0)] = 5.0


class Server:
    """
    A Redis server, connected when it is first asked; `where` names it, without its password.

    A command is sent once: sent again after its answer was lost, it would be an entry more.
    """

    def __init__(self, settings: ServerSettings) -> None:
        # Its stubs say that every answer may have to be awaited.
        self._client: Any = Redis.from_url(
            settings.url,
            socket_timeout=settings.timeout,
            socket_connect_timeout=settings.timeout,
            retry=Retry(NoBackoff(), 0),
        )
        told: dict[str, Any] = self._client.connection_pool.connection_kwargs
        place = told.get("path") or f"{told.get('host', 'localhost')}:{told.get('port', 6379)}"
        self.where = f"{place}/{told.get('db', 0)}"

    @contextmanager
    def asked(self, doing: str, raises: type[RopewalkError]) -> Iterator[Any]:
        """Lend the client; what goes wrong is raised in our words, and leaves no connection behind."""
        try:
            yield self._client
        except (ConnectionError, TimeoutError) as error:
            self.close()
            raise raises(f"the Redis server at {self.where} does not answer: {error}") from error
        except RedisError as error:
            self.close()
            raise raises(f"the Redis server at {self.where} refused {doing}: {error}") from error

    def close(self) -> None:
        """Give the connection back; it is made anew when it is needed."""
        self._client.close()
