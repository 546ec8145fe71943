"""What surrounds the walk of a run file: observers that hear it, metrics that judge it, and bars from a plugin."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from ropewalk.collectors.measures import measure
from ropewalk.config import Table
from ropewalk.config.findings import TOML, joined
from ropewalk.errors import PluginError, told
from ropewalk.feeds.anything import feed_of
from ropewalk.observers.observer import Hearing, OnError, hearing_of
from ropewalk.run_file.models import DataTable
from ropewalk.run_file.plugging import PluggedTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from ropewalk.collectors.measures import OwnMetric
    from ropewalk.collectors.result import OrchestratorResult
    from ropewalk.feeds.feed import Feed
    from ropewalk.run_file.plugging import Plugged, Plugging

    Checked = Callable[..., Any]


class ObserverTable(PluggedTable):
    """An observer; `on_error` says whether one that raises is detached, or stops the run."""

    on_error: OnError | None = None


class MetricTable(PluggedTable):
    """A metric; `name` is what its figures are called, and else the name that it is found by."""

    name: str | None = None


class PluggedData(DataTable):
    """Bars from a plugin."""

    source: str
    settings: Table
    symbols: list[str] | None = None


class PluggedFeed(NamedTuple):
    """A feed that a plugin makes, cut to what the run file asks for."""

    asked: PluggedData
    plugged: Plugged

    def feed(self, folder: Path) -> Feed:
        """Make the bars. Raises FeedError as for any data, PluginError when the plugin raises anything else."""
        source = self.plugged.make()
        try:
            feed = feed_of(source.bars(folder))
        except (ValueError, PluginError):
            raise
        except Exception as error:
            raise PluginError(f"{self.plugged.found}: bars raised {told(error)}") from error
        return feed.select(self.asked.symbols, start=self.asked.start, end=self.asked.end)


@dataclass(frozen=True)
class Watching:
    """The observers and metrics that a run file names; observers are made anew for each run."""

    heard_by: Sequence[tuple[Plugged, OnError | None]] = ()
    metrics: Mapping[str, OwnMetric] = field(default_factory=dict)

    def observers(self) -> list[Hearing]:
        """Make the observers. Raises ConfigError when one refuses its settings."""
        return [hearing_of(plugged.make(), name=plugged.found.name, on_error=asked) for plugged, asked in self.heard_by]

    def measure(self, result: OrchestratorResult) -> None:
        """Add the metrics to a result."""
        for name, metric in self.metrics.items():
            measure(result, name, metric)


def plugged_data(table: Mapping[str, Any], plugging: Plugging, checked: Checked) -> PluggedFeed | None:
    """Find the feed that a run file names."""
    asked = checked(PluggedData, table, place="data", findings=plugging.findings)
    plugging.findings += (f"C51 data.{key}: {flaw}" for key, flaw in asked.flaws())
    plugged = plugging.find("feed", asked.source, asked.settings, "data", key="source")
    return None if plugged is None else PluggedFeed(asked, plugged)


def watching_of(typed: Mapping[str, Any], observe: Sequence[str], plugging: Plugging, checked: Checked) -> Watching:
    """Find the observers and make the metrics that a run file, and `--observe`, name."""
    heard_by = []
    for place, table in [*_listed(typed, "observers"), *(_written(one, plugging) for one in observe)]:
        asked = checked(ObserverTable, table, place=place, findings=plugging.findings)
        if isinstance(asked.use, str):
            plugged = plugging.find("observer", asked.use, asked.settings, place)
            heard_by += [] if plugged is None else [(plugged, asked.on_error)]
    metrics: dict[str, Any] = {}
    for place, table in _listed(typed, "metrics"):
        asked = checked(MetricTable, table, place=place, findings=plugging.findings)
        made = plugging.make("metric", asked.use, asked.settings, place) if isinstance(asked.use, str) else None
        name = asked.name or asked.use
        if name in metrics:
            plugging.findings.append(f"C45 {place}: there is a metric {name!r} already — expected a name of its own")
        if made is not None:
            metrics[name] = made[0]
    return Watching(tuple(heard_by), metrics)


def _listed(typed: Mapping[str, Any], name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    tables = typed.get(name)
    for place, table in enumerate(tables if isinstance(tables, list) else ()):
        if isinstance(table, dict):
            yield joined(name, place), table


def _written(text: str, plugging: Plugging) -> tuple[str, Mapping[str, Any]]:
    """Read `NAME` or `NAME,key=value,…`; a value that TOML cannot read is text."""
    name, *pairs = text.split(",")
    settings: dict[str, Any] = {}
    for pair in pairs:
        key, sign, value = pair.partition("=")
        if not sign or not key.strip():
            plugging.findings.append(f"C45 --observe {TOML.shown(text)}: {pair!r} — expected NAME,key=value,…")
            continue
        settings[key.strip()] = _value(value.strip())
    return f"--observe {name}", {"use": name.strip(), "settings": settings}


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
