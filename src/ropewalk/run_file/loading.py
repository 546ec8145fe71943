"""Loading: from the text of a run file to an orchestrator and its feed, with all faults said at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ropewalk.arbiter.policies import POLICIES
from ropewalk.config import LimitSettings, OrchestratorConfig
from ropewalk.config.findings import TOML, close_to, joined, refused_by_all
from ropewalk.errors import ConfigError, PluginError, RunFileError, did_you_mean
from ropewalk.orchestrator import StrategyOrchestrator
from ropewalk.plugins import Catalog
from ropewalk.recording.recording import Origin, Recording
from ropewalk.run_file.models import SOURCES, Document, JournalTable, PluginsTable, RunTable, StrategyTable
from ropewalk.run_file.plugging import Plugging, plugged_limits, plugged_rules
from ropewalk.run_file.tables import checked
from ropewalk.run_file.text import document
from ropewalk.run_file.watching import Watching, plugged_data, watching_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ropewalk.collectors.result import OrchestratorResult
    from ropewalk.feeds.feed import Feed
    from ropewalk.observers.observer import Hearing
    from ropewalk.recording.writer import Mode

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
    watching: Watching = field(default_factory=Watching)

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
        """Read the bars and walk them, with the observers that the file names and those given."""
        result = self.orchestrator.run(self.feed(), observers=[*self.observers(), *observers])
        self.measure(result)
        return result

    def observers(self) -> list[Hearing]:
        """Make the observers that the file names, new ones each time."""
        return self.watching.observers()

    def measure(self, result: OrchestratorResult) -> None:
        """Add the metrics that the file names to a result."""
        self.watching.measure(result)


def load_run(
    path: str | Path, *, settings: Table | None = None, plugins: Sequence[str | Path] = (), observe: Sequence[str] = ()
) -> Run:
    """
    Load a run file. `settings` win over those of the file.

    `plugins` are plugin folders beside those of the file, relative to the working folder; `observe` names observers
    beside its own, as `--observe` writes them. Paths in the file are relative to it.

    Raises RunFileError with up to twenty findings: everything that can be seen without reading the data.
    """
    path = Path(path)
    typed = document(path)
    findings: list[str] = []
    checked(Document, _without_misplaced(typed, findings), place="", findings=findings)
    tables = {name: _table(typed, name) for name in Document.model_fields}
    plugging = _plugging(tables["plugins"], path.parent, plugins, findings)
    pot = checked(RunTable, tables["run"], place="run", findings=findings)
    findings += _refusals("run.capital", {"any": (None, 1)}, pot.capital)
    journal = checked(JournalTable, tables["journal"], place="journal", findings=findings)
    data = _data(tables["data"], plugging) if isinstance(typed.get("data"), dict) else None
    limits, limit_origins = plugged_limits(tables["limits"], plugging)
    asked = {**tables["settings"], **_limits({**tables, "limits": limits}, findings), **(settings or {})}
    asked, origins = plugged_rules(asked, POLICIES, plugging)
    origins |= limit_origins
    config = checked(OrchestratorConfig, asked, place="settings", findings=findings)
    # Who wrote something else than true or false there may have meant false.
    is_clear = isinstance(asked.get("validate_weights", True), bool)
    rules = OrchestratorConfig(validate_weights=is_clear and config.validate_weights)
    seats = _seats(tables["strategies"], plugging, rules, origins)
    for place, name in config.named_strategies():
        if name not in tables["strategies"]:
            where = place if place.startswith("limits.") else f"settings.{place}"
            findings.append(f"C45 {where}: there is no strategy {name!r}; {did_you_mean(name, tables['strategies'])}")
    watching = watching_of(typed, observe, plugging)
    if findings:
        many = "1 finding" if len(findings) == 1 else f"{len(findings)} findings"
        raise RunFileError(f"{path} cannot be run: {many}", findings)
    return Run(path, StrategyOrchestrator(seats, pot.capital, config), data, journal, origins, watching)


def _without_misplaced(typed: Table, findings: list[str]) -> Table:
    """Take keys out that stand above all tables and belong into one, and say so."""
    known: dict[str, Any] = {"run": RunTable, "settings": OrchestratorConfig, "limits": LimitSettings}
    homes = {key: table for table, model in known.items() for key in model.model_fields}
    misplaced = [key for key in typed if key in homes and key not in Document.model_fields]
    findings += [f"C45 {key}: is no key here; it belongs into [{homes[key]}]" for key in misplaced]
    return {key: value for key, value in typed.items() if key not in misplaced}


def _table(typed: Table, name: str) -> Table:
    table = typed.get(name)
    return table if isinstance(table, dict) else {}


def _plugging(table: Table, folder: Path, given: Sequence[str | Path], findings: list[str]) -> Plugging:
    asked = checked(PluginsTable, table, place="plugins", findings=findings)
    catalog = Catalog([*(asked.paths or ()), *(Path(one).absolute() for one in given)], base=folder)
    try:
        # Whatever a run names, a folder that is not there is a slip.
        catalog.check_folders()
    except PluginError as error:
        findings.append(f"C61 plugins.paths: {error}")
        catalog = Catalog(base=folder)
    return Plugging(catalog, findings)


def _limits(tables: Mapping[str, Table], findings: list[str]) -> Table:
    if "limits" in tables["settings"]:
        findings.append("C45 settings.limits: is no key here; limits have a table of their own, [limits]")
    if not tables["limits"]:
        return {}
    before = len(findings)
    limits = checked(LimitSettings, tables["limits"], place="limits", findings=findings)
    return {"limits": limits if len(findings) == before else LimitSettings()}


def _data(table: Table, plugging: Plugging) -> Any:
    findings, source = plugging.findings, table.get("source")
    if isinstance(source, str) and source not in SOURCES and plugging.catalog.has("feed", source):
        return plugged_data(table, plugging)
    if not isinstance(source, str) or source not in SOURCES:
        wrong = "is missing" if source is None else TOML.shown(source)
        *others, last = map(repr, SOURCES)
        known = f"{', '.join(others)} or {last}"
        own = "".join(f", {name!r}" for name in plugging.catalog.names("feed"))
        findings.append(f"C45 data.source: {wrong} — expected {known}{close_to(source, known + own)}")
        findings += refused_by_all(SOURCES, table, tag="source", place="data")
        return None
    data = checked(SOURCES[source], table, place="data", findings=findings)
    findings += (f"C51 data.{key}: {flaw}" for key, flaw in data.flaws())
    return data


def _seats(tables: Table, plugging: Plugging, config: OrchestratorConfig, origins: dict[str, Origin]) -> dict[str, Any]:
    """Make the strategies, note how, and let what the orchestrator would refuse become findings, in its own words."""
    seats: dict[str, Any] = {}
    findings = plugging.findings
    if not tables and not any(finding.startswith("C45 strategies:") for finding in findings):
        findings.append("C45 strategies: there is none — expected a table for each, such as [strategies.trend]")
    for name, table in tables.items():
        place = joined("strategies", name)
        if not isinstance(table, dict):
            findings.append(f"C46 {place}: {TOML.shown(table)} — expected a table with use and weight")
            continue
        asked = checked(StrategyTable, table, place=place, findings=findings)
        made = None if asked.use is None else plugging.make("strategy", asked.use, asked.settings, place)
        # One by one, since the orchestrator stops at the first.
        refusals = _refusals(place, {name: (None, 1)})
        called = "this" if refusals else name
        refusals += _refusals(place, {called: (None, 1, asked.symbols)})
        if asked.weight is not None:
            refusals += _refusals(place, {called: (None, asked.weight)}, config=config)
        findings += refusals
        if asked.weight is not None and not refusals:
            seats[name] = (None if made is None else made[0], asked.weight, asked.symbols)
        if made is not None:
            origins[name] = made[1].origin
    if seats:
        findings += _refusals("strategies", seats, config=config)
    return seats


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
