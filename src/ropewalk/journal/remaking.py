"""Remaking: the run that a journal tells of, made ready to be run again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ropewalk.config import OrchestratorConfig
from ropewalk.config.orchestrator import OWN_LIMITS
from ropewalk.errors import (
    ConfigError,
    FeedError,
    JournalError,
    MissingInputError,
    PluginError,
    RopewalkError,
    clipped,
)
from ropewalk.feeds.anything import feed_of
from ropewalk.feeds.copies import saved_bars
from ropewalk.journal.rule_places import in_order, own_rules, policies_by_symbol, put_rule
from ropewalk.money import currency
from ropewalk.orchestrator import StrategyOrchestrator
from ropewalk.plugins import Catalog
from ropewalk.plugins.plugged import Plugged
from ropewalk.recording.inputs import SEMANTICS, plain
from ropewalk.recording.kinds import VERSIONS
from ropewalk.recording.older import older_kinds
from ropewalk.recording.recording import SYMBOLS_FROM, Origin, rule_of
from ropewalk.run_file.plugging import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ropewalk.feeds.feed import Feed
    from ropewalk.journal.reader import Journal
    from ropewalk.recording.inputs import Inputs, Plugin

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
    plugins: Sequence[Path | str] = (),
    with_strategies: bool = True,
) -> Remade:
    """
    Make a journal's run again: its configuration, its strategies, its bars.

    `strategies` are needed where they were not made by name, with their `origins` where these were; `config` where a
    policy or a cost model was one's own; `data` where no copy lies beside the journal. Files of strategies are looked
    for in `folder`, plugins also in the folders `plugins`.

    Raises MissingInputError that says which is needed, and JournalError when what is given is not what the run had.
    """
    check_semantics(journal)
    if with_strategies and journal.inputs.counterfactual == "frozen":
        raise JournalError(
            f"{journal.label} is a frozen counterfactual: its intents are those of another run, and its strategies "
            "would say others; replay its decisions"
        )
    catalog = Catalog(plugins, base=folder)
    known = dict(origins or {})
    found: Mapping[str, Any] = strategies_of(journal, strategies, known, catalog) if with_strategies else {}
    settings = in_order(journal.inputs.configuration["settings"])
    if config is None:
        known |= _rules(journal, settings, catalog)
    seats = {
        one["id"]: (found.get(one["id"]), one["weight"], one["symbols"])
        for one in journal.inputs.configuration["strategies"]
    }
    capital = currency(journal.inputs.capital_micros)
    return Remade(
        StrategyOrchestrator(seats, capital, _config(journal, settings, config)), feed_beside(journal, data), known
    )


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


def strategies_of(
    journal: Journal, given: Mapping[str, Any] | None, origins: dict[str, Origin], catalog: Catalog
) -> dict[str, Any]:
    """
    Make a run's strategies again, or take those given; what is found now is noted in the origins.

    Raises JournalError when that cannot be.
    """
    if given is not None:
        return _given(journal, given)
    origins |= {one.id: Origin(one.use, one.parameters) for one in _by_name(journal, "strategy")}
    return _strategies(journal, origins, catalog)


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


def _config(journal: Journal, settings: Mapping[str, Any], given: OrchestratorConfig | None) -> OrchestratorConfig:
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


def _by_name(journal: Journal, *roles: str) -> list[Plugin]:
    return [one for one in journal.inputs.plugins if one.role in roles and one.by_name]


def _rules(journal: Journal, settings: dict[str, Any], catalog: Catalog) -> dict[str, Origin]:
    """Put the rules that were made by name into the settings, and say how they were made."""
    origins = {}
    for one, key, name in _rules_by_name(journal):
        plugged = _found(journal, catalog, one.role, Origin(one.use, one.parameters))
        rule = _made(journal, plugged)
        put_rule(settings, key, name, rule)
        origins[rule_of(one.role, name or "")] = plugged.origin
    return origins


def rule_again(journal: Journal, place: str, name: str | None, catalog: Catalog) -> tuple[Any, Origin]:
    """Make one rule of `own_rules` again. Raises MissingInputError where it came as an object, or is not found."""
    for one, key, of in _rules_by_name(journal):
        if (key, of) == (place, name):
            plugged = _found(journal, catalog, one.role, Origin(one.use, one.parameters))
            return _made(journal, plugged), plugged.origin
    raise MissingInputError(f"{place if name is None else name} came with the run", "give config= with the same")


def _rules_by_name(journal: Journal) -> Iterator[tuple[Plugin, str, str | None]]:
    """List the rules that were made by name: each with its key and, in a table of them, its symbol or its name."""
    keys = {kind: key for key, kind in RULES.items()}
    yield from ((one, OWN_LIMITS, one.id) for one in _by_name(journal, "limit"))
    symbols = sorted(journal.inputs.configuration["settings"]["conflict_policies"])
    for one in _by_name(journal, *keys):
        if one.seat < SYMBOLS_FROM:
            yield one, keys[one.role], None
        else:
            yield one, "conflict_policies", symbols[one.seat - SYMBOLS_FROM]


def _found(journal: Journal, catalog: Catalog, kind: str, origin: Origin) -> Plugged:
    try:
        return Plugged(catalog.find(kind, origin.use), origin.settings)
    except PluginError as error:
        raise _lost(journal, kind, origin.use, error) from error


def _made(journal: Journal, plugged: Plugged) -> Any:
    try:
        return plugged.make()
    except (PluginError, ConfigError) as error:
        raise _lost(journal, plugged.found.point.kind, plugged.found.name, error) from error


def _lost(journal: Journal, kind: str, use: str, error: RopewalkError) -> JournalError:
    needed = f"give {'strategies=' if kind == 'strategy' else 'config='}, or the folder= or plugins= where it lies"
    return MissingInputError(f"{journal.label}: its {kind} {use!r} cannot be made again: {error}", needed)


def _wanted(journal: Journal) -> list[str]:
    # A journal that was cut off early may lack the lines of its plugins, but never its header.
    return [one["id"] for one in journal.inputs.configuration["strategies"]]


def _given(journal: Journal, given: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise ConfigError(f"strategies is {clipped(given)}; give a mapping from ids to strategies")
    wanted = _wanted(journal)
    if [*given] != wanted:
        raise JournalError(
            f"the run had the strategies {', '.join(wanted)}, in this order; given are {', '.join(map(str, given))}"
        )
    return dict(given)


def _strategies(journal: Journal, origins: dict[str, Origin], catalog: Catalog) -> dict[str, Any]:
    """Make the strategies again; what is found now is noted in the origins."""
    uses = {one.id: one.use for one in journal.inputs.plugins if one.role == "strategy"}
    wanted = _wanted(journal)
    lacking = [f"{name} ({uses.get(name, 'of which nothing was kept')})" for name in wanted if name not in origins]
    if lacking:
        raise MissingInputError(
            f"{journal.label}: {', '.join(lacking)} came as objects, which a journal does not hold",
            "give strategies= with new ones, set as they were",
        )
    made = {}
    for name in wanted:
        plugged = _found(journal, catalog, "strategy", origins[name])
        made[name] = _made(journal, plugged)
        origins[name] = plugged.origin
    return made


def changes(recorded: Inputs, now: Inputs) -> list[str]:
    """Say which inputs are not what they were."""
    before, after = _by_label(recorded), _by_label(now)
    told = [f"{label} is new" for label in after if label not in before]
    told += [f"{label} is gone" for label in before if label not in after]
    told += [
        f"{label}: {field} was {clipped(getattr(one, field))}, is {clipped(getattr(after[label], field))}"
        for label, one in before.items()
        if label in after
        for field in ("use", "version", "source", "parameters")
        if plain(getattr(one, field)) != plain(getattr(after[label], field))
    ]
    if recorded.configuration != now.configuration:
        told.append("the configuration is another")
    if recorded.capital_micros != now.capital_micros:
        told.append(f"the capital was {currency(recorded.capital_micros):,}, is {currency(now.capital_micros):,}")
    return told


def _by_label(inputs: Inputs) -> dict[str, Plugin]:
    """List what was plugged in by role and name, and a symbol's own policy by its symbol, too: two may share a name."""
    policies = policies_by_symbol(inputs.configuration["settings"], inputs.plugins)
    return {
        **{f"{one.role} {one.id}": one for one in inputs.plugins if one.role != "policy"},
        **{f"policy {one.id}" + (f" for {symbol}" if symbol else ""): one for symbol, one in policies.items()},
    }
