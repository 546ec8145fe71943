"""What surrounds the walk of a run file: observers that hear it, metrics that judge it, and bars from a plugin."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from ropewalk.collectors.measures import measure
from ropewalk.config import Table
from ropewalk.config.findings import TOML, joined
from ropewalk.errors import ConfigError, PluginError, told
from ropewalk.feeds.anything import feed_of
from ropewalk.observers.observer import Hearing, OnError, hearing_of
from ropewalk.plugins import Catalog
from ropewalk.run_file.models import DataTable
from ropewalk.run_file.plugging import PluggedTable, Plugging
from ropewalk.run_file.tables import checked
from ropewalk.run_file.text import pairs_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from ropewalk.collectors.measures import OwnMetric
    from ropewalk.collectors.result import OrchestratorResult
    from ropewalk.feeds.feed import Feed
    from ropewalk.plugins.plugged import Plugged
    from ropewalk.reports.page.sections import OwnSection


COMMAS = re.compile(r""",(?=(?:[^"']|"[^"]*"|'[^']*')*$)(?![^\[]*\])""")


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
        except (Exception, SystemExit) as error:
            raise PluginError(f"{self.plugged.found}: bars raised {told(error)}") from error
        return feed.select(self.asked.symbols, start=self.asked.start, end=self.asked.end)


@dataclass(frozen=True)
class Watching:
    """The observers, metrics and sections of reports that a run file names; observers are made anew for each run."""

    heard_by: Sequence[tuple[Plugged, OnError | None]] = ()
    metrics: Mapping[str, OwnMetric] = field(default_factory=dict)
    sections: Mapping[str, OwnSection] = field(default_factory=dict)

    def observers(self) -> list[Hearing]:
        """Make the observers. Raises ConfigError when one refuses its settings, or cannot be called as one."""
        return [_hearing(plugged, asked) for plugged, asked in self.heard_by]

    def measure(self, result: OrchestratorResult) -> None:
        """Add the metrics to a result."""
        for name, metric in self.metrics.items():
            measure(result, name, metric)


def _hearing(plugged: Plugged, on_error: OnError | None) -> Hearing:
    made = plugged.make()
    try:
        return hearing_of(made, name=plugged.found.name, on_error=on_error)
    except ConfigError as error:
        raise ConfigError(f"{plugged.found}: {error}") from None


def plugged_data(table: Mapping[str, Any], plugging: Plugging) -> PluggedFeed | None:
    """Find the feed that a run file names."""
    asked = checked(PluggedData, table, place="data", findings=plugging.findings)
    plugging.findings += (f"C51 data.{key}: {flaw}" for key, flaw in asked.flaws())
    plugged = plugging.find("feed", asked.source, asked.settings, "data", key="source")
    return None if plugged is None else PluggedFeed(asked, plugged)


def watching_of(typed: Mapping[str, Any], observe: Sequence[str], plugging: Plugging) -> Watching:
    """Find the observers and make the metrics that a run file, and `--observe`, name."""
    heard_by = []
    for place, table in [*_listed(typed, "observers"), *(_written(one, plugging) for one in observe)]:
        asked = checked(ObserverTable, table, place=place, findings=plugging.findings)
        if asked.use is not None:
            plugged = plugging.find("observer", asked.use, asked.settings, place)
            heard_by += [] if plugged is None else [(plugged, asked.on_error)]
    metrics: dict[str, Any] = {}
    for place, table in _listed(typed, "metrics"):
        metric = checked(MetricTable, table, place=place, findings=plugging.findings)
        if metric.use is None:
            continue
        made = plugging.make("metric", metric.use, metric.settings, place)
        name = metric.name or metric.use
        if name in metrics:
            plugging.findings.append(f"C45 {place}: there is a metric {name!r} already — expected a name of its own")
        if made is not None:
            metrics[name] = made[0]
    return Watching(tuple(heard_by), metrics, _sections(_listed(typed, "sections"), plugging))


def _sections(tables: Iterable[tuple[str, Mapping[str, Any]]], plugging: Plugging) -> dict[str, OwnSection]:
    """Make the sections that tables name; one that is named twice is shown twice."""
    sections: dict[str, OwnSection] = {}
    for place, table in tables:
        asked = checked(PluggedTable, table, place=place, findings=plugging.findings)
        made = None if asked.use is None else plugging.make("report section", asked.use, asked.settings, place)
        if made is not None and asked.use is not None:
            name, times = asked.use, 2
            while name in sections:
                name, times = f"{asked.use} {times}", times + 1
            sections[name] = made[0]
    return sections


def sections_asked(asked: Sequence[str], *, plugins: Sequence[str | Path] = ()) -> dict[str, OwnSection]:
    """Make sections of reports as `--section` writes them. Raises ConfigError with its findings."""
    findings: list[str] = []
    plugging = Plugging(Catalog(plugins), findings)
    made = _sections([_written(one, plugging, option="--section") for one in asked], plugging)
    if findings:
        raise ConfigError("the sections cannot be made", findings)
    return made


def observers_of(observe: Sequence[str], *, plugins: Sequence[str | Path] = ()) -> list[Hearing]:
    """Make observers as `--observe` writes them, for a run that has no file. Raises ConfigError with its findings."""
    findings: list[str] = []
    watching = watching_of({}, observe, Plugging(Catalog(plugins), findings))
    if findings:
        raise ConfigError("the observers cannot be made", findings)
    return watching.observers()


def _listed(typed: Mapping[str, Any], name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    tables = typed.get(name)
    for place, table in enumerate(tables if isinstance(tables, list) else ()):
        if isinstance(table, dict):
            yield joined(name, place), table


def _written(text: str, plugging: Plugging, *, option: str = "--observe") -> tuple[str, Mapping[str, Any]]:
    """Read `NAME` or `NAME,key=value,…`; a comma within brackets or quotes belongs to a value."""
    name, *pairs = (part.strip() for part in COMMAS.split(text))
    settings: dict[str, Any] = {}
    try:
        settings = pairs_of(pairs)
    except ConfigError as error:
        plugging.findings.append(f"C45 {option} {TOML.shown(text)}: {error}")
    return f"{option} {name}", {"use": name, "settings": settings}
