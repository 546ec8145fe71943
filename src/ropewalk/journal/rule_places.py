"""Places of rules: where in the settings of a run something of one's own stands, and what takes its place."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from ropewalk.arbiter.policies import POLICIES
from ropewalk.config.orchestrator import OWN_LIMITS
from ropewalk.recording.recording import SYMBOLS_FROM

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ropewalk.recording.inputs import Plugin

Place = tuple[str, str | None]
"""A key of the settings, with dots between its parts, and where a table of rules stands there the name in it."""


def in_order(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Copy settings that were recorded, with limits of one's own in the order in which they were asked."""
    told = deepcopy(dict(settings))
    own = rule_at(told, OWN_LIMITS, None)
    if isinstance(own, dict):
        told["limits"]["own"] = dict(sorted(own.items(), key=lambda one: one[1].get("place", 0)))
    return told


def own_rules(settings: Mapping[str, Any]) -> list[Place]:
    """Name the settings that are objects of one's own."""
    models = [
        name for name in ("commission", "slippage", "fill_model", "rebalance") if settings.get(name) == {"kind": "own"}
    ]
    default = ["conflict_policy"] if _is_own(settings.get("conflict_policy", "independent")) else []
    policies = settings.get("conflict_policies", {})
    limits = rule_at(settings, OWN_LIMITS, None) or {}
    return [
        *((name, None) for name in (*models, *default)),
        *(("conflict_policies", symbol) for symbol, said in policies.items() if _is_own(said)),
        *((OWN_LIMITS, name) for name, said in limits.items() if _is_own(said)),
    ]


def rule_at(settings: Mapping[str, Any], place: str, name: str | None) -> Any:
    """Find what stands at a place; None where there is nothing."""
    found: Any = settings
    for key in [*place.split("."), *([] if name is None else [name])]:
        found = found.get(key) if isinstance(found, dict) else None
    return found


def policies_by_symbol(settings: Any, plugins: Iterable[Plugin]) -> dict[str, Plugin]:
    """
    Say which policy on record settles which symbol; that of all others stands under no name.

    The seat tells the symbol, since what a plugin was made with is its own.
    """
    told = rule_at(settings, "conflict_policies", None)
    symbols = dict(enumerate(sorted(told) if isinstance(told, dict) else (), start=SYMBOLS_FROM))
    symbols[0] = ""
    return {symbols[one.seat]: one for one in plugins if one.role == "policy" and one.seat in symbols}


def put_rule(settings: dict[str, Any], place: str, name: str | None, rule: Any) -> None:
    """Put an object where the record says that there was one."""
    *tables, last = [*place.split("."), *([] if name is None else [name])]
    for table in tables:
        settings = settings[table]
    settings[last] = rule


def _is_own(said: Any) -> bool:
    if isinstance(said, dict):
        return said.get("kind") == "own"
    return isinstance(said, str) and said not in POLICIES
