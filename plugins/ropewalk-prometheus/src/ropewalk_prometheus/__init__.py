"""
Prometheus: the counters and gauges of a run, while it goes on.

The observer only counts; the text that Prometheus fetches is made when it is asked for. It is served on a port of the
machine's own loopback from the start of a run to its end, and can be written to a file at the end.
"""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Annotated, Any

from prometheus_client import CollectorRegistry, start_http_server, write_to_textfile
from pydantic import Field

from ropewalk import EVENTS, PluginError, RunEnded, RunStarted, Settings, observer
from ropewalk_prometheus.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterator
    from threading import Thread
    from wsgiref.simple_server import WSGIServer

    from prometheus_client import Metric

ropewalk_api = 1
"""The version of ropewalk's plug-in API that this is written for."""

LOOPBACK = "127.0.0.1"


class PrometheusSettings(Settings):
    """
    What a run file may set.

    `port` is one of the loopback's; 0 takes any that is free, and `address` of the observer says which. With `textfile`
    the last values are written there, as node_exporter's textfile collector reads them.
    """

    port: Annotated[int, Field(ge=0, le=65_535)] = 9464
    textfile: str = ""


@observer(*EVENTS)
class Prometheus:
    """Hears everything and counts; serves `/metrics` from the start of each run to its end."""

    def __init__(self, settings: PrometheusSettings | None = None) -> None:
        self.settings = settings or PrometheusSettings()
        self.address = ""
        self._tally = Tally()
        # The server answers in a thread of its own, and must not count what is half counted.
        self._lock = Lock()
        self._registry = CollectorRegistry()
        self._registry.register(self)
        self._server: tuple[WSGIServer, Thread] | None = None

    def __call__(self, event: Any, number: int, cause: int) -> None:
        """Count an event; the first of a run opens the port, the last closes it."""
        if isinstance(event, RunStarted):
            self._open()
        try:
            with self._lock:
                self._tally.count(event)
            if isinstance(event, RunEnded):
                self._write()
        except BaseException:
            self._close()
            raise
        if isinstance(event, RunEnded):
            self._close()

    def collect(self) -> Iterator[Metric]:
        """Tell everything as it is now; this is what prometheus-client asks."""
        with self._lock:
            told = self._tally.metrics()
        yield from told

    def _open(self) -> None:
        # The last run may have been left before it said that it ended.
        self._close()
        self._tally = Tally()
        port = self.settings.port
        try:
            self._server = start_http_server(port, addr=LOOPBACK, registry=self._registry)
        except OSError as error:
            raise PluginError(
                f"port {port} of {LOOPBACK} cannot be opened ({error.strerror or error}); name another as the setting "
                "port, or 0 for any that is free"
            ) from error
        self.address = f"http://{LOOPBACK}:{self._server[0].server_port}/metrics"

    def _close(self) -> None:
        if self._server is not None:
            server, thread = self._server
            self._server = None
            server.shutdown()
            server.server_close()
            thread.join()

    def _write(self) -> None:
        if not self.settings.textfile:
            return
        path = Path(self.settings.textfile)
        try:
            write_to_textfile(str(path), self._registry)
        except OSError as error:
            raise PluginError(f"textfile {path} cannot be written ({error.strerror or error})") from error
