"""Plugged in: what was found, together with its settings, ready to be made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ropewalk.config.findings import PYTHON
from ropewalk.config.plugged import made, refused_settings
from ropewalk.errors import ConfigError, PluginError, clipped, did_you_mean, told
from ropewalk.plugins.catalog import Catalog
from ropewalk.plugins.points import POINTS
from ropewalk.recording.recording import Origin

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ropewalk.plugins.found import Found


class Plugged(NamedTuple):
    """What was found, and the settings that it is made with."""

    found: Found
    settings: Mapping[str, Any]

    def make(self) -> Any:
        """Make it. Raises ConfigError when its constructor refuses, with what it said."""
        thing = self.found.load()
        try:
            return made(thing, self.settings)
        except (Exception, SystemExit) as error:
            name = self.found if self.found.is_plugin else thing.__name__
            wrong = "refused its settings" if self.settings else "cannot be made without settings"
            raise ConfigError(f"{name} {wrong}: {told(error)}") from error

    @property
    def origin(self) -> Origin:
        """How it can be made again."""
        source = self.found.source if self.found.is_plugin else ""
        return Origin(self.found.name, dict(self.settings), self.found.version, source)


def plugin(
    kind: str, name: str, settings: Mapping[str, Any] | None = None, *, folders: Sequence[str | Path] = ()
) -> Any:
    """
    Find something by its kind and name, as a run file does, and make it with its settings.

    `folders` are plugin folders. Raises PluginError when there is none or it cannot be used, ConfigError with all that
    is wrong with the settings.

    >>> plugin("strategy", "momentum", {"short_window": 5}).short_window
    5
    """
    if kind not in POINTS:
        raise PluginError(f"there is no kind of plugin {clipped(kind)}; {did_you_mean(str(kind), POINTS)}")
    plugged = Plugged(Catalog(folders).find(kind, name), settings or {})
    findings = refused_settings(plugged.found.load(), plugged.settings, notation=PYTHON)
    if findings:
        raise ConfigError(f"{plugged.found} cannot be made", findings)
    return plugged.make()
