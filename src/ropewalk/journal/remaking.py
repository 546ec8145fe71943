"""Remaking: the run that a journal tells of, made ready to be run again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ropewalk.arbiter.policies import POLICIES
from ropewalk.config import OrchestratorConfig
from ropewalk.errors import ConfigError, FeedError, JournalError, MissingInputError, PluginError, clipped
from ropewalk.feeds.anything import feed_of
from ropewalk.feeds.copies import saved_bars
from ropewalk.money import currency
from ropewalk.orchestrator import StrategyOrchestrator
from ropewalk.recording.inputs import SEMANTICS
from ropewalk.recording.kinds import VERSIONS
from ropewalk.recording.older import older_kinds
from ropewalk.recording.recording import Origin
from ropewalk.registry import make_strategy, strategy_class

if TYPE_CHECKING:
    from ropewalk.feeds.feed import Feed
    from ropewalk.journal.reader import Journal
    from ropewalk.recording.inputs import Inputs

CHANGES = {1: "the first", 2: "an intent against what another strategy holds is a conflict"}
"""What each semantics number changed."""


class Remade(NamedTuple):
    """An orchestrator as it was, its bars, and where its strategies come from."""

    orchestrator: StrategyOrchestrator
    feed: Feed
    origins: Mapping[str, Origin]


def remade(
    journal: Journal,
    *,
    strategies: Mapping[str, Any] | None = None,
    origins: Mapping[str, Origin] | None = None,
    data: Any = None,
    config: OrchestratorConfig | None = None,
    folder: Path | str = "",
    with_strategies: bool = True,
) -> Remade:
    """
    Make a journal's run again: its configuration, its strategies, its bars.

    `strategies` are needed where they were not made by name, with their `origins` where these were; `config` where a
    policy or a cost model was one's own; `data` where no copy lies beside the journal. Files of strategies are looked
    for in `folder`. Raises MissingInputError that says which is needed, and JournalError when what is given is not what
    the run had.
    """
    check_semantics(journal)
    if with_strategies and journal.inputs.counterfactual == "frozen":
        raise JournalError(
            f"{journal.label} is a frozen counterfactual: its intents are those of another run, and its strategies "
            "would say others; replay its decisions"
        )
    if strategies is None:
        origins = {
            one.id: Origin(one.use, one.parameters)
            for one in journal.inputs.plugins
            if one.role == "strategy" and one.by_name
        }
    origins = origins or {}
    found = strategies_of(journal, strategies, origins, Path(folder)) if with_strategies else {}
    seats = {
        one["id"]: (found.get(one["id"]), one["weight"], one["symbols"])
        for one in journal.inputs.configuration["strategies"]
    }
    capital = currency(journal.inputs.capital_micros)
    return Remade(StrategyOrchestrator(seats, capital, _config(journal, config)), feed_beside(journal, data), origins)


def check_semantics(journal: Journal) -> None:
    """Raise JournalError for a journal that this ropewalk would not make of the same inputs."""
    semantics = journal.header.about.semantics
    if semantics != SEMANTICS:
        told = "; ".join(f"{number}: {change}" for number, change in CHANGES.items())
        raise JournalError(
            f"{journal.label} has semantics {semantics}, this ropewalk {SEMANTICS}: the same inputs would give other "
            f"events ({told}); replay its state, or use the ropewalk that wrote it"
        )
    if older := older_kinds(journal.header.about.versions):
        told = ", ".join(f"{kind} lines of version {version}, now {VERSIONS[kind]}" for kind, version in older.items())
        raise JournalError(
            f"{journal.label} has {told}: run again, it would be written otherwise; replay its state, or use the "
            "ropewalk that wrote it"
        )


def feed_beside(journal: Journal, data: Any = None) -> Feed:
    """Find a run's bars: those given, or the copy beside the journal. Raises JournalError when they are others."""
    digest = journal.header.event.data_digest
    if data is not None:
        feed = feed_of(data)
        if feed.digest != digest:
            raise JournalError(f"the data given have digest {feed.digest}, the run had {digest}; give the run's own")
        return feed
    if journal.path is None:
        raise MissingInputError("a journal in memory has no bars beside it", "give data=")
    try:
        return saved_bars(journal.path.parent / "data", digest)
    except FeedError as error:
        found = f"{journal.label} has no bars beside it: {error}"
        raise MissingInputError(found, "give data= with those of the run") from error


def _config(journal: Journal, given: OrchestratorConfig | None) -> OrchestratorConfig:
    settings = journal.inputs.configuration["settings"]
    if given is not None:
        if not isinstance(given, OrchestratorConfig):
            raise ConfigError(f"config is {clipped(given)}; give an OrchestratorConfig or None")
        if given.recorded() != settings:
            told = given.recorded()
            changed = ", ".join(
                f"{name} {clipped(told.get(name))} instead of {clipped(settings.get(name))}"
                for name in {**settings, **told}
                if told.get(name) != settings.get(name)
            )
            raise JournalError(f"the settings given are not the run's: {changed}")
        return given
    own = [place if name is None else name for place, name in own_rules(settings)]
    if own:
        raise MissingInputError(f"{journal.label}: {', '.join(own)} came with the run", "give config= with the same")
    return OrchestratorConfig.model_validate(settings)


def own_rules(settings: Mapping[str, Any]) -> list[tuple[str, str | None]]:
    """Name the settings that are objects of one's own, as key and, in a table of them, name."""
    costs = [name for name in ("commission", "slippage") if _is_table_of(settings.get(name), "own")]
    default = ["conflict_policy"] if _is_own(settings.get("conflict_policy", "independent")) else []
    policies = settings.get("conflict_policies", {})
    return [
        *((name, None) for name in (*costs, *default)),
        *(("conflict_policies", symbol) for symbol, said in policies.items() if _is_own(said)),
    ]


def _is_table_of(said: Any, kind: str) -> bool:
    return isinstance(said, dict) and said.get("kind") == kind


def _is_own(said: Any) -> bool:
    return said["kind"] == "own" if isinstance(said, dict) else said not in POLICIES


def strategies_of(
    journal: Journal, given: Mapping[str, Any] | None, origins: Mapping[str, Origin], folder: Path
) -> dict[str, Any]:
    """Make a run's strategies again, or take those given. Raises JournalError when that cannot be."""
    # A journal that was cut off early may lack the lines of its plugins, but never its header.
    wanted = [one["id"] for one in journal.inputs.configuration["strategies"]]
    if given is not None:
        if not isinstance(given, Mapping):
            raise ConfigError(f"strategies is {clipped(given)}; give a mapping from ids to strategies")
        if [*given] != wanted:
            raise JournalError(
                f"the run had the strategies {', '.join(wanted)}, in this order; given are {', '.join(map(str, given))}"
            )
        return dict(given)
    uses = {one.id: one.use for one in journal.inputs.plugins if one.role == "strategy"}
    lacking = [f"{name} ({uses.get(name, 'of which nothing was kept')})" for name in wanted if name not in origins]
    if lacking:
        raise MissingInputError(
            f"{journal.label}: {', '.join(lacking)} came as objects, which a journal does not hold",
            "give strategies= with new ones, set as they were",
        )
    try:
        return {
            name: make_strategy(strategy_class(one.use, folder=folder), one.settings) for name, one in origins.items()
        }
    except (PluginError, ConfigError) as error:
        raise MissingInputError(
            f"{journal.label}: its strategies cannot be made again: {error}",
            "give strategies= or the folder= of their files",
        ) from error


def changes(recorded: Inputs, now: Inputs) -> list[str]:
    """Say which inputs are not what they were."""
    before = {(one.role, one.id): one for one in recorded.plugins}
    after = {(one.role, one.id): one for one in now.plugins}
    told = [f"{role} {name} is new" for role, name in after if (role, name) not in before]
    told += [f"{role} {name} is gone" for role, name in before if (role, name) not in after]
    told += [
        f"{role} {name}: {field} was {clipped(getattr(one, field))}, is {clipped(getattr(after[role, name], field))}"
        for (role, name), one in before.items()
        if (role, name) in after
        for field in ("use", "source", "parameters")
        if getattr(one, field) != getattr(after[role, name], field)
    ]
    if recorded.configuration != now.configuration:
        told.append("the configuration is another")
    if recorded.capital_micros != now.capital_micros:
        told.append(f"the capital was {currency(recorded.capital_micros):,}, is {currency(now.capital_micros):,}")
    return told
