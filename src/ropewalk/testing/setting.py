"""The setting of a check: a small run file in which the plugin has its part, and one without it."""

from __future__ import annotations

import inspect
import json
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ropewalk.errors import PluginError, clipped

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DATA: Mapping[str, Any] = {"source": "synthetic", "symbols": 3, "bars": 400, "seed": 7}

CROWD = """
[strategies.fast]
use = "momentum"
weight = 0.3
settings = { short_window = 3, long_window = 12 }

[strategies.slow]
use = "momentum"
weight = 0.3
settings = { short_window = 10, long_window = 40 }

[strategies.revert]
use = "mean-reversion"
weight = 0.2
settings = { window = 4 }

[strategies.hold]
use = "buy-and-hold"
weight = 0.1
"""
"""Strategies that meet often, so that policies and costs have something to do."""

SILENT = '\n[strategies.silent]\nuse = "ropewalk.testing.silent:Silent"\nweight = 0.5\n'

TABLES = {
    "strategy": "[strategies.checked]\nweight = 0.5\n",
    "policy": "[settings.conflict_policy]\n",
    "limit": "[limits.own.checked]\n",
    "commission": "[settings.commission]\n",
    "slippage": "[settings.slippage]\n",
    "fill model": "[settings.fill_model]\n",
    "rebalancer": "[settings.rebalance]\n",
    "observer": "[[observers]]\n",
    "metric": "[[metrics]]\n",
    "report section": "[[sections]]\n",
    "feed": "[data]\n",
}
"""Where a run names a plugin, by its kind."""


class Setting(NamedTuple):
    """A run file with the plugin, and one that is the same without it."""

    with_it: Path
    without_it: Path


def setting_of(
    kind: str,
    plugin: str | type,
    folder: Path,
    *,
    settings: Mapping[str, Any],
    plugins: Sequence[str | Path],
    data: Mapping[str, Any] | None,
) -> Setting:
    """Write both run files into a folder. Relative paths mean what they mean in the working folder."""
    use = plugin if isinstance(plugin, str) else place_of(plugin)
    if use.partition(":")[0].endswith(".py"):
        use = str(Path(use.rpartition(":")[0]).absolute()) + ":" + use.rpartition(":")[2]
    paths = [str(Path(path).absolute()) for path in plugins]
    around = _table("plugins", {"paths": paths}) if paths else ""
    given = _table("data", {**DATA, **(data or {})} if data is None or "source" not in data else data)
    key = "source" if kind == "feed" else "use"
    named = f"{TABLES[kind]}{key} = {_toml(use)}\nsettings = {_toml(dict(settings))}\n"
    crowd = CROWD if kind != "strategy" else ""
    with_it, without_it = folder / "with.toml", folder / "without.toml"
    with_it.write_text("\n".join([around, named, crowd, "" if kind == "feed" else given]), encoding="utf-8")
    without_it.write_text("\n".join([given, crowd or SILENT]), encoding="utf-8")
    return Setting(with_it, without_it)


def place_of(thing: Any) -> str:
    """Name a class or a function so that another process finds it. Raises PluginError when none could."""
    module = sys.modules.get(getattr(thing, "__module__", ""), None)
    name = getattr(thing, "__qualname__", "")
    if module is None or not name or "<" in name:
        raise PluginError(f"{clipped(thing)} is not at the top of a module; give a plugin's name or such a class")
    file = inspect.getsourcefile(module)
    if file is None:
        raise PluginError(f"{clipped(thing)} stands in no file; give a plugin's name or a class of a file")
    return f"{module.__name__ if _is_importable(module.__name__, Path(file)) else file}:{name}"


def _is_importable(module: str, file: Path) -> bool:
    """Whether the path leads to a module's file by its name, as it does not for tests."""
    place = Path(*module.split("."))
    endings = (place.with_name(f"{place.name}.py"), place / "__init__.py")
    return any(Path(entry, ending).absolute() == file.absolute() for entry in sys.path for ending in endings)


def _table(name: str, values: Mapping[str, Any]) -> str:
    return "\n".join([f"[{name}]", *(f"{json.dumps(key)} = {_toml(value)}" for key, value in values.items()), ""])


def _toml(value: Any) -> str:
    """Write a value as TOML."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float, Decimal)):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(str(key))} = {_toml(one)}" for key, one in value.items()) + " }"
    return json.dumps(str(value))
