"""
The catalog: everything that a name can mean, in one order.

First what ships, then what is installed, then the plugin folders in the order given; within each by kind in the order
of `POINTS`, then by name. Two plugins of one kind and name are refused where a run names them.
"""

from __future__ import annotations

from functools import cached_property
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING

from ropewalk.errors import PluginError, clipped, did_you_mean
from ropewalk.plugins.found import Found
from ropewalk.plugins.modules import PACKAGE
from ropewalk.plugins.points import POINTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Catalog:
    """
    What can be named in a run: it finds, and imports nothing.

    `folders` are plugin folders; `base` is what they and the paths of files are relative to.
    """

    def __init__(self, folders: Sequence[str | Path] = (), *, base: str | Path = "") -> None:
        self.folders = tuple(Path(folder) for folder in folders)
        self.base = Path(base)

    def find(self, kind: str, name: str) -> Found:
        """
        Find what a name means: one that ships or is plugged in, `package.module:Class` or `path/to/file.py:Class`.

        Raises PluginError when it is nothing, or two things.
        """
        point = POINTS[kind]
        if name in point.shipped:
            return Found(point, name, point.shipped[name])
        home, _, wanted = name.rpartition(":")
        if home and wanted:
            return Found(point, name, name, path=self.base / home if home.endswith(".py") else None)
        found = [one for one in self._plugins if one.point is point and one.name == name]
        if len(found) == 1:
            return found[0]
        if found:
            places = " and ".join(f"{one.where} ({one.home})" if one.version else one.home for one in found)
            raise PluginError(
                f"there are {len(found)} plugins that are {kind} {name!r}: {places}; take one away, or name the one "
                "you mean: package.module:Class or path/to/file.py:Class"
            )
        raise PluginError(
            f"there is no {kind} {clipped(name)}; {did_you_mean(name, self.names(kind))}; or name a class of your own: "
            "package.module:Class or path/to/file.py:Class"
        )

    def names(self, kind: str) -> list[str]:
        """List the names that `find` knows for a kind, those that ship first."""
        named = [one.name for one in self._plugins if one.point.kind == kind]
        return list(dict.fromkeys([*POINTS[kind].shipped, *named]))

    def has(self, kind: str, name: str) -> bool:
        """Whether something of this kind has the name, or it names a class by its place."""
        return ":" in name or name in self.names(kind)

    def every(self) -> list[Found]:
        """List all that ships and all plugins, in the order of the catalog."""
        shipped = [Found(point, name, point.shipped[name]) for point in POINTS.values() for name in point.shipped]
        return [*shipped, *self._plugins]

    def strays(self) -> list[str]:
        """Say what lies in plugin folders where no plugin is looked for."""
        known = [point.folder for point in POINTS.values()]
        return [
            f"{self._shown(one)}: no plugin is looked for here; {did_you_mean(one.name, known)} are the folders"
            if one.is_dir()
            else f"{self._shown(one)}: no plugin is looked for here; put it into one of the folders {', '.join(known)}"
            for folder in self.folders
            for one in sorted((self.base / folder).iterdir())
            if one.name not in known and (one.suffix == ".py" or one.is_dir()) and not one.name.startswith(("_", "."))
        ]

    @cached_property
    def _plugins(self) -> list[Found]:
        self.check_folders()
        return [*_installed(), *(one for folder in self.folders for one in self._in_folder(folder))]

    def check_folders(self) -> None:
        """Raise PluginError for a plugin folder that is none."""
        for folder in self.folders:
            place = self.base / folder
            if not place.is_dir():
                wrong = "is no folder" if place.exists() else "is not there"
                near = sorted(one.name for one in place.parent.glob("*/")) if place.parent.is_dir() else []
                raise PluginError(f"the plugin folder {folder} {wrong}; {did_you_mean(place.name, near)}")

    def _in_folder(self, folder: Path) -> Iterator[Found]:
        place = self.base / folder
        for point in POINTS.values():
            inner = place / point.folder
            for one in sorted(inner.iterdir()) if inner.is_dir() else ():
                is_plugin = one.suffix == ".py" or (one / PACKAGE).is_file()
                if is_plugin and not one.name.startswith(("_", ".")):
                    yield Found(point, one.stem.replace("_", "-"), str(self._shown(one)), path=one)

    def _shown(self, path: Path) -> Path:
        """Show a path as it was given: relative to the base."""
        return path.relative_to(self.base) if path.is_relative_to(self.base) else path


def _installed() -> Iterator[Found]:
    every = entry_points()
    for point in POINTS.values():
        for one in sorted(every.select(group=point.group), key=lambda one: (one.name, one.value)):
            yield Found(point, one.name, one.value.partition("[")[0].strip(), distribution=one.dist)
