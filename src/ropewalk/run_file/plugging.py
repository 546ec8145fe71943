"""Plugging in: what a run file names is found and made, and whatever stands in the way becomes a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ropewalk.config import Settings, Table
from ropewalk.config.findings import joined
from ropewalk.config.plugged import refused_settings
from ropewalk.errors import ConfigError, PluginError
from ropewalk.plugins.plugged import Plugged
from ropewalk.recording.recording import rule_of
from ropewalk.run_file.tables import checked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ropewalk.plugins import Catalog
    from ropewalk.recording.recording import Origin

RULES = {"conflict_policy": "policy", "commission": "commission", "slippage": "slippage"}
"""The settings of a run that may be plugged in, and the kind of plugin."""


class PluggedTable(Settings):
    """Something of one's own: the name it is found by, and its settings; None is what cannot be read."""

    use: str | None
    settings: Table


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
    settings: Mapping[str, Any], shipped: Mapping[str, Any], plugging: Plugging
) -> tuple[dict[str, Any], dict[str, Origin]]:
    """
    Put objects in the place of the policy and the cost models that a run file names by `use`.

    A policy may be a name alone; `shipped` are those that are no plugins.
    """
    told, origins = dict(settings), {}
    for key, kind in RULES.items():
        value = settings.get(key)
        if isinstance(value, str) and kind == "policy" and value not in shipped and plugging.catalog.has(kind, value):
            value = {"use": value}
        if not isinstance(value, dict) or "use" not in value:
            continue
        place = joined("settings", key)
        del told[key]
        asked = checked(PluggedTable, value, place=place, findings=plugging.findings)
        if asked.use is not None:
            answer = plugging.make(kind, asked.use, asked.settings, place)
            if answer is not None:
                told[key], plugged = answer
                origins[rule_of(kind)] = plugged.origin
    return told, origins
