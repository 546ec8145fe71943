"""
Inputs in words: what runs were made from, a name and a few words for each part.

A journal holds what was set. What was left at its default is told with its value where this ropewalk knows it: for its
own settings, and for strategies that ship as long as their source is the one on record. Else it is told as `default`
where another of the runs has set it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ropewalk.config.orchestrator import with_defaults
from ropewalk.config.plugged import default_settings
from ropewalk.journal.rule_places import in_order, own_rules, policies_by_symbol
from ropewalk.money import currency
from ropewalk.orchestrator.inputs import source_digest
from ropewalk.plugins.catalog import Catalog
from ropewalk.run_file.plugging import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ropewalk.journal.reader import Journal
    from ropewalk.recording.inputs import Inputs, Plugin

    Path = tuple[str, ...]

DEFAULT = "default"
DIGITS = 12
"""Of a digest, as much as a person compares."""

STRATEGIES = "strategies"
KEYS = {kind: key for key, kind in RULES.items()}


def told_inputs(journals: Sequence[Journal]) -> list[dict[str, str]]:
    """Name what each of some runs was made from; of a strategy without its table, of a rule as in a run file."""
    plugins = [_plugins(one.inputs) for one in journals]
    return [dict(_flat(_told(journal, own, plugins))) for journal, own in zip(journals, plugins, strict=True)]


def _told(journal: Journal, plugins: dict[Path, Plugin], every: Sequence[dict[Path, Plugin]]) -> dict[str, Any]:
    inputs = journal.inputs
    settings = with_defaults(in_order(inputs.configuration.get("settings", {})))
    told: dict[str, Any] = {
        "capital": f"{currency(inputs.capital_micros):,.2f}",
        "seed": inputs.seed,
        "semantics": journal.header.about.semantics,
        "data": [one.digest[:DIGITS] for one in inputs.data],
        "symbols": [symbol for one in inputs.data for symbol in one.symbols],
        **settings,
        STRATEGIES: {
            one["id"]: {"weight": one["weight"], "symbols": one["symbols"]}
            for one in inputs.configuration.get(STRATEGIES, ())
        },
    }
    own = {(*place.split("."), *([] if name is None else [name])) for place, name in own_rules(settings)}
    for path, plugin in plugins.items():
        peers = [others[path] for others in every if path in others]
        about: dict[str, Any] = {"version": plugin.version, "source": plugin.source[:DIGITS]}
        if path[0] == STRATEGIES:
            about |= {"is": plugin.use, **_parameters(plugin, peers)}
        elif path in own:
            about |= {"kind": plugin.use, "name": None, **_parameters(plugin, peers)}
        _put(told, path, about)
    return told


def _plugins(inputs: Inputs) -> dict[Path, Plugin]:
    """Find what was plugged in, by its place among strategies and settings."""
    found: dict[Path, Plugin] = {}
    for one in inputs.plugins:
        if one.role == "strategy":
            found[STRATEGIES, one.id] = one
        elif one.role == "limit":
            found["limits", "own", one.id] = one
        elif one.role in KEYS and one.role != "policy":
            found[(KEYS[one.role],)] = one
    for symbol, one in policies_by_symbol(inputs.configuration.get("settings", {}), inputs.plugins).items():
        found["conflict_policies", symbol] = one
        if not symbol:
            found[("conflict_policy",)] = found.pop(("conflict_policies", symbol))
    return found


def _parameters(plugin: Plugin, peers: Sequence[Plugin]) -> dict[str, Any]:
    """Tell what something was set to, and what it was left at where others like it were set."""
    left = _known_defaults(plugin)
    if left is None:
        alike = [one for one in peers if one.by_name and one.use == plugin.use] if plugin.by_name else []
        left = {name: _left(value) for one in alike for name, value in one.parameters.items()}
    return {name: "none" if value is None else value for name, value in {**left, **plugin.parameters}.items()}


def _known_defaults(plugin: Plugin) -> dict[str, Any] | None:
    """Look up what a strategy that ships does when nothing is set; None where it is another one, or not the same."""
    found = Catalog().find(plugin.role, plugin.use) if plugin.by_name and not plugin.version else None
    if found is None or not found.is_shipped:
        return None
    thing = found.load()
    return default_settings(thing) if source_digest(thing) == plugin.source else None


def _left(value: Any) -> Any:
    return {name: _left(inner) for name, inner in value.items()} if isinstance(value, dict) and value else DEFAULT


def _put(told: dict[str, Any], path: Path, about: dict[str, Any]) -> None:
    """Add to what is told at a place; what was only named there has its name as kind."""
    *tables, last = path
    for table in tables:
        told = told.setdefault(table, {})
    before = told.get(last, {})
    told[last] = {**(before if isinstance(before, dict) else {"kind": before}), **about}


def _flat(told: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Name what is nested by its path, a kind by that of its table; what says nothing is left out."""
    strategies = told.pop(STRATEGIES)
    waiting = [*told.items(), *strategies.items()]
    while waiting:
        name, value = waiting.pop(0)
        if isinstance(value, dict):
            kind_first = sorted(value.items(), key=lambda one: one[0] != "kind")
            waiting[:0] = [(name if inner == "kind" else f"{name}.{inner}", one) for inner, one in kind_first]
        elif isinstance(value, (list, tuple)):
            yield name, ", ".join(map(str, value))
        elif value not in (None, ""):
            yield name, str(value)
