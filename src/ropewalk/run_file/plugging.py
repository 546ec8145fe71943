"""Plugging in: what a run file names is found and made, and whatever stands in the way becomes a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ropewalk.arbiter.rebalancers import KINDS as REBALANCERS
from ropewalk.config import Settings, Table
from ropewalk.config.findings import TOML, joined
from ropewalk.config.plugged import refused_settings
from ropewalk.errors import ConfigError, PluginError
from ropewalk.plugins.plugged import Plugged
from ropewalk.recording.recording import Origin, rule_of
from ropewalk.run_file.tables import checked

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from ropewalk.plugins import Catalog

RULES = {
    "conflict_policy": "policy",
    "commission": "commission",
    "slippage": "slippage",
    "fill_model": "fill model",
    "rebalance": "rebalancer",
}
"""The settings of a run that may be plugged in, and the kind of plugin."""


class PluggedTable(Settings):
    """Something of one's own: the name it is found by, and its settings; None is what cannot be read."""

    use: str | None
    settings: Table


def plugged_limits(table: Mapping[str, Any], plugging: Plugging) -> tuple[dict[str, Any], dict[str, Origin]]:
    """Put objects in the place of the limits of one's own in a table of limits."""
    own = table.get("own")
    if not isinstance(own, dict):
        return dict(table), {}
    made: dict[str, Any] = {}
    origins: dict[str, Origin] = {}
    for name, value in own.items():
        place = joined("limits", "own", name)
        if not isinstance(value, dict):
            plugging.findings.append(f"C46 {place}: {TOML.shown(value)} — expected a table with use")
            continue
        asked = checked(PluggedTable, value, place=place, findings=plugging.findings)
        limit = None if asked.use is None else plugging.make("limit", asked.use, asked.settings, place)
        if limit is not None:
            made[name], origins[rule_of("limit", name)] = limit[0], limit[1].origin
    return {**table, "own": made}, origins


class Plugging:
    """Finds and makes plugins; what is wrong is added to `findings`, and nothing is made then."""

    def __init__(self, catalog: Catalog, findings: list[str]) -> None:
        self.catalog = catalog
        self.findings = findings

    def find(self, kind: str, use: str, settings: Mapping[str, Any], place: str, *, key: str = "use") -> Plugged | None:
        """Find what is named at a place and look at its settings."""
        try:
            found = self.catalog.find(kind, use)
            thing = found.load()
        except PluginError as error:
            self.findings.append(f"C61 {joined(place, key)}: {error}")
            return None
        refused = refused_settings(thing, settings, place=joined(place, "settings"))
        self.findings += refused
        return None if refused else Plugged(found, settings)

    def make(self, kind: str, use: str, settings: Mapping[str, Any], place: str) -> tuple[Any, Plugged] | None:
        """Find and make what is named at a place."""
        plugged = self.find(kind, use, settings, place)
        if plugged is None:
            return None
        try:
            return plugged.make(), plugged
        except ConfigError as error:
            self.findings.append(f"C64 {joined(place, 'settings')}: {error}")
            return None


def plugged_rules(
    settings: Mapping[str, Any], shipped: Container[str], plugging: Plugging
) -> tuple[dict[str, Any], dict[str, Origin]]:
    """
    Put objects in the place of the policies and of the models of costs and fills that a run file names by `use`.

    A policy and a rebalancer may be a name alone; `shipped` are the policies that are no plugins.
    """
    told, origins = dict(settings), {}
    for key, kind in RULES.items():
        made = _rule(kind, settings.get(key), joined("settings", key), shipped, plugging)
        if made is not None:
            told.pop(key)
            if made.one is not None:
                told[key], origins[rule_of(kind)] = made
    symbols = settings.get("conflict_policies")
    for symbol, value in symbols.items() if isinstance(symbols, dict) else ():
        made = _rule("policy", value, joined("settings", "conflict_policies", symbol), shipped, plugging)
        if made is not None:
            others = {name: one for name, one in told["conflict_policies"].items() if name != symbol}
            told["conflict_policies"] = others
            if made.one is not None:
                others[symbol], origins[rule_of("policy", symbol)] = made
    return told, origins


class _Rule(NamedTuple):
    one: Any
    origin: Origin


def _rule(kind: str, value: Any, place: str, shipped: Container[str], plugging: Plugging) -> _Rule | None:
    """Make what is named by `use`; None where nothing is, a rule that is None where it cannot be made."""
    ours = {"policy": shipped, "rebalancer": (*REBALANCERS, "fixed")}
    if isinstance(value, str) and kind in ours and value not in ours[kind] and plugging.catalog.has(kind, value):
        value = {"use": value}
    if not isinstance(value, dict) or "use" not in value:
        return None
    asked = checked(PluggedTable, value, place=place, findings=plugging.findings)
    if kind == "policy" and asked.use is not None and asked.use in shipped:
        plugging.findings.append(f"C61 {place}.use: {asked.use!r} ships with ropewalk; write kind = {asked.use!r}")
        return _Rule(None, Origin("", {}))
    made = None if asked.use is None else plugging.make(kind, asked.use, asked.settings, place)
    return _Rule(None, Origin("", {})) if made is None else _Rule(made[0], made[1].origin)
