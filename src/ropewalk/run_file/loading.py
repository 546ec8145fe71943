"""Loading: from the text of a run file to an orchestrator and its feed, with all faults said at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ropewalk.config import LimitSettings, OrchestratorConfig
from ropewalk.config.findings import TOML, close_to, joined, judged, refused_by_all, worded
from ropewalk.errors import ConfigError, PluginError, RunFileError, did_you_mean
from ropewalk.orchestrator import StrategyOrchestrator
from ropewalk.recording.recording import Origin, Recording
from ropewalk.registry import make_strategy, refused_settings, strategy_class
from ropewalk.run_file.models import SOURCES, Document, JournalTable, RunTable, StrategyTable
from ropewalk.run_file.text import document

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TypeVar

    from ropewalk.collectors.result import OrchestratorResult
    from ropewalk.config import Settings
    from ropewalk.feeds.feed import Feed
    from ropewalk.recording.writer import Mode

    Model = TypeVar("Model", bound=Settings)
    Table = Mapping[str, Any]


@dataclass(frozen=True)
class Run:
    """
    A run that was written down: its orchestrator, and where its bars come from.

    The order of the strategies is that of the file; no other order of keys means anything.
    """

    path: Path
    orchestrator: StrategyOrchestrator
    data: Any
    journal: JournalTable = field(default_factory=JournalTable)
    origins: Mapping[str, Origin] = field(default_factory=dict)

    def feed(self) -> Feed:
        """Read the bars. Raises FeedError."""
        feed: Feed = self.data.feed(self.path.parent)
        return feed

    def recording(self, *, folder: Path | None = None, mode: str | None = None) -> Recording | None:
        """
        Say how the run is recorded; None when the file says not at all, unless something is asked for here.

        Where the same inputs were recorded before, they are recorded again.
        """
        asked = self.journal
        if not asked.record and folder is None and mode is None:
            return None
        if folder is None:
            folder = Path("runs") if asked.folder is None else self.path.parent / asked.folder
        return Recording(folder, cast("Mode", mode or asked.mode), again=True, origins=self.origins)

    def run(self, observers: Sequence[Any] = ()) -> OrchestratorResult:
        """Read the bars and walk them."""
        return self.orchestrator.run(self.feed(), observers=observers)


def load_run(path: str | Path, *, settings: Table | None = None) -> Run:
    """
    Load a run file. `settings` win over those of the file.

    Paths in the file are relative to it. Raises RunFileError with up to twenty findings: everything
    that can be seen without reading the data.
    """
    path = Path(path)
    typed = document(path)
    findings: list[str] = []
    _checked(Document, typed, place="", findings=findings)
    tables = {name: _table(typed, name) for name in Document.model_fields}
    pot = _checked(RunTable, tables["run"], place="run", findings=findings)
    findings += _refusals("run.capital", {"any": (None, 1)}, pot.capital)
    journal = _checked(JournalTable, tables["journal"], place="journal", findings=findings)
    data = _data(tables["data"], findings) if isinstance(typed.get("data"), dict) else None
    asked = {**tables["settings"], **_limits(tables, findings), **(settings or {})}
    config = _checked(OrchestratorConfig, asked, place="settings", findings=findings)
    # Who wrote something else than true or false there may have meant false.
    is_clear = isinstance(asked.get("validate_weights", True), bool)
    rules = OrchestratorConfig(validate_weights=is_clear and config.validate_weights)
    origins: dict[str, Origin] = {}
    seats = _seats(tables["strategies"], path.parent, rules, findings, origins)
    for place, name in config.named_strategies():
        if name not in tables["strategies"]:
            where = place if place.startswith("limits.") else f"settings.{place}"
            findings.append(f"C45 {where}: there is no strategy {name!r}; {did_you_mean(name, tables['strategies'])}")
    if findings:
        many = "1 finding" if len(findings) == 1 else f"{len(findings)} findings"
        raise RunFileError(f"{path} cannot be run: {many}", findings)
    return Run(path, StrategyOrchestrator(seats, pot.capital, config), data, journal, origins)


def _checked(model: type[Model], typed: Table, *, place: str, findings: list[str]) -> Model:
    """
    Make a model of a table, and add all that is wrong with it to the findings; `place` is the table's path.

    A faulty key is left at its default, a needed one at None, so that the sound ones can be looked at
    further; once there are findings, a model is good for nothing else.
    """
    answer = judged(model, typed)
    if not isinstance(answer, list):
        return answer
    findings += worded(model, answer, typed, place=place)
    faulty = [error["loc"][0] for error in answer]
    kept: dict[str, Any] = {name: None for name, field in model.model_fields.items() if field.is_required()}
    kept |= {name: typed[name] for name in model.model_fields if name in typed and name not in faulty}
    return cast("Model", model.model_construct(**kept))


def _table(typed: Table, name: str) -> Table:
    table = typed.get(name)
    return table if isinstance(table, dict) else {}


def _limits(tables: Mapping[str, Table], findings: list[str]) -> Table:
    if "limits" in tables["settings"]:
        findings.append("C45 settings.limits: is no key here; limits have a table of their own, [limits]")
    if not tables["limits"]:
        return {}
    before = len(findings)
    limits = _checked(LimitSettings, tables["limits"], place="limits", findings=findings)
    return {"limits": limits if len(findings) == before else LimitSettings()}


def _data(table: Table, findings: list[str]) -> Any:
    source = table.get("source")
    if not isinstance(source, str) or source not in SOURCES:
        wrong = "is missing" if source is None else TOML.shown(source)
        *others, last = map(repr, SOURCES)
        known = f"{', '.join(others)} or {last}"
        findings.append(f"C45 data.source: {wrong} — expected {known}{close_to(source, known)}")
        findings += refused_by_all(SOURCES, table, tag="source", place="data")
        return None
    data = _checked(SOURCES[source], table, place="data", findings=findings)
    findings += (f"C51 data.{key}: {flaw}" for key, flaw in data.flaws())
    return data


def _seats(
    tables: Table, folder: Path, config: OrchestratorConfig, findings: list[str], origins: dict[str, Origin]
) -> dict[str, Any]:
    """Make the strategies, note how, and let what the orchestrator would refuse become findings, in its own words."""
    seats: dict[str, Any] = {}
    if not tables and not any(finding.startswith("C45 strategies:") for finding in findings):
        findings.append("C45 strategies: there is none — expected a table for each, such as [strategies.trend]")
    for name, table in tables.items():
        place = joined("strategies", name)
        if not isinstance(table, dict):
            findings.append(f"C46 {place}: {TOML.shown(table)} — expected a table with use and weight")
            continue
        asked = _checked(StrategyTable, table, place=place, findings=findings)
        strategy = _strategy(asked, folder, place, findings)
        # One by one, since the orchestrator stops at the first.
        refusals = _refusals(place, {name: (None, 1)})
        called = "this" if refusals else name
        refusals += _refusals(place, {called: (None, 1, asked.symbols)})
        if asked.weight is not None:
            refusals += _refusals(place, {called: (None, asked.weight)}, config=config)
        findings += refusals
        if asked.weight is not None and not refusals:
            seats[name] = (strategy, asked.weight, asked.symbols)
            origins[name] = Origin(str(asked.use), _settings(asked))
    if seats:
        findings += _refusals("strategies", seats, config=config)
    return seats


def _strategy(asked: StrategyTable, folder: Path, place: str, findings: list[str]) -> Any:
    if asked.use is None:
        return None
    try:
        kind = strategy_class(asked.use, folder=folder)
    except PluginError as error:
        findings.append(f"C61 {place}.use: {error}")
        return None
    settings = _settings(asked)
    refused = refused_settings(kind, settings)
    findings += (f"C64 {joined(place, 'settings', key)}: {wrong}" for key, wrong in refused.items())
    if refused:
        return None
    try:
        return make_strategy(kind, settings)
    except ConfigError as error:
        findings.append(f"C64 {place}.settings: {error}")
        return None


def _settings(asked: StrategyTable) -> dict[str, Any]:
    # Strategies compute with floats; what has to be exact can be written as text.
    return {key: _as_floats(value) for key, value in asked.settings.items()}


def _as_floats(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, list):
        return [_as_floats(one) for one in value]
    if isinstance(value, dict):
        return {key: _as_floats(one) for key, one in value.items()}
    return value


def _refusals(
    place: str, seats: Table, capital: Decimal = Decimal(1), config: OrchestratorConfig | None = None
) -> list[str]:
    try:
        StrategyOrchestrator(dict(seats), capital, config)
    except ConfigError as error:
        told = str(error)
        for name in seats:
            told = told.removeprefix(f"strategy {name!r}: ")
        return [f"C48 {place}: {told}"]
    return []
