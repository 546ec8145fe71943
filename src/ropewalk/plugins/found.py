"""
Found plugins: what a name leads to, before and after it is imported.

Finding reads no code. `load` imports, and says what is wrong with what it gets.
"""

from __future__ import annotations

import re
import sys
from functools import cached_property
from importlib.util import find_spec
from inspect import isfunction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ropewalk.errors import PluginError, clipped, did_you_mean
from ropewalk.observers.observer import MARK
from ropewalk.plugins.modules import PACKAGE, file_module, module_of, source_digest
from ropewalk.plugins.points import API
from ropewalk.strategies.protocol import Strategy

if TYPE_CHECKING:
    from importlib.metadata import Distribution
    from types import ModuleType

    from ropewalk.plugins.points import Point

SAID_API = re.compile(rb"^ropewalk_api\s*(?::\s*int\s*)?=\s*(\d+)", re.MULTILINE)


class Found:
    """
    One thing that can be plugged in.

    `home` is `package.module:Class`, `path/to/file.py:Class`, or the path of a file or a folder in a plugin folder,
    which has one plugin of its kind. `path` is where the file really is. `distribution` is what installed it.
    """

    def __init__(
        self,
        point: Point,
        name: str,
        home: str,
        *,
        path: Path | None = None,
        distribution: Distribution | None = None,
    ) -> None:
        self.point = point
        self.name = name
        self.home = home
        self.path = path
        self.distribution = distribution

    def __str__(self) -> str:
        return f"{self.point.kind} {self.name!r}" + (f" of {self.where}" if self.is_plugin else "")

    @property
    def is_plugin(self) -> bool:
        """Whether it was found by a name of its own: it is installed, or lies in a plugin folder."""
        return self.distribution is not None or (self.home != self.name and not self.is_shipped)

    @property
    def is_shipped(self) -> bool:
        """Whether it comes with ropewalk."""
        return self.point.shipped.get(self.name) == self.home

    @cached_property
    def where(self) -> str:
        """Where it comes from: a distribution with its version, a path, or `ropewalk`."""
        return self.version or ("ropewalk" if self.is_shipped else self.home)

    @cached_property
    def version(self) -> str:
        """The distribution that it is part of and its version, as `my-idea 0.1.0`; empty where there is none."""
        if self.distribution is None:
            return ""
        return f"{self.distribution.metadata['Name']} {self.distribution.version}"

    @cached_property
    def source(self) -> str:
        """
        SHA-256 of its source: its file, or all Python files of the package that it is part of.

        Empty where there is none. It is imported for this.
        """
        thing = self.load()
        if self.path is not None:
            return source_digest(self.path)
        names = (str(thing.__module__).partition(".")[0], str(thing.__module__))
        top, own = (getattr(sys.modules.get(name), "__file__", None) for name in names)
        if top is not None and Path(top).name == PACKAGE:
            return source_digest(Path(top).parent)
        return "" if own is None else source_digest(Path(own))

    def load(self) -> Any:
        """Import it and return its class, or its function. Raises PluginError when it cannot be or does not fit."""
        return self._thing

    @cached_property
    def _thing(self) -> Any:
        try:
            thing = self._imported()
        except PluginError as error:
            # What was written for another API is likely to fail before it can say so.
            said = self._written_api()
            if said != API:
                raise PluginError(self._other_api(said)) from error
            if self.distribution is None:
                raise
            raise PluginError(f"{self}: {error}") from error
        module = sys.modules.get(thing.__module__)
        said = getattr(thing, "ropewalk_api", getattr(module, "ropewalk_api", API))
        if said != API or type(said) is not int:
            raise PluginError(self._other_api(said))
        flaw = self._flaw(thing)
        if flaw:
            raise PluginError(f"{self.name} is no {self.point.kind}: it needs {self.point.needed}; {flaw}")
        return thing

    def _imported(self) -> Any:
        home, _, wanted = self.home.rpartition(":")
        if self.path is None:
            return _named(module_of(home), home, wanted)
        module = file_module(self.path)
        return _named(module, home, wanted) if wanted and not self.is_plugin else self._only_one(module)

    def _written_api(self) -> int:
        """Read which API the source says, without running it; API where it says nothing."""
        path = self.path
        if path is None:
            spec = find_spec(self.home.partition(":")[0].partition(".")[0])
            path = Path(spec.origin) if spec is not None and spec.origin is not None else None
        elif path.is_dir():
            path = path / PACKAGE
        try:
            said = None if path is None else SAID_API.search(path.read_bytes())
        except OSError:
            said = None
        return API if said is None else int(said[1])

    def _only_one(self, module: ModuleType) -> Any:
        """Find the one thing in a file that is of the kind; classes that it imports from elsewhere are not its own."""
        own = [
            (name, thing)
            for name, thing in vars(module).items()
            if not name.startswith("_")
            and (isinstance(thing, type) or isfunction(thing))
            and str(thing.__module__).startswith(module.__name__)
        ]
        fitting = [(name, thing) for name, thing in own if not self._flaw(thing)]
        if len(fitting) == 1:
            return fitting[0][1]
        if fitting:
            names = ", ".join(name for name, _ in fitting)
            raise PluginError(
                f"{self.home} has {len(fitting)}: {names}; a file of a plugin folder has one {self.point.kind}: "
                "split it, or begin the names of the others with _"
            )
        flaws = "; ".join(f"{name}: {self._flaw(thing)}" for name, thing in own)
        raise PluginError(
            f"{self.home} has no {self.point.kind}, which needs {self.point.needed}; it has {flaws or 'nothing'}"
        )

    def _flaw(self, thing: Any) -> str:
        """Say what a thing lacks to be of the kind; nothing when it fits."""
        if isfunction(thing) and ("__call__",) not in self.point.ways:
            return "it is a function, where a class is needed"
        if self.point.kind == "observer" and not hasattr(thing, MARK):
            return "it is not marked with @observer(...)"
        own = _methods(thing)
        if not self.point.ways or any(all(method in own for method in way) for way in self.point.ways):
            return ""
        return f"its methods: {', '.join(name for name in own if not name.startswith('_')) or 'none'}"

    def _other_api(self, said: Any) -> str:
        told = f"{self} is written for plug-in API {clipped(said)}, this ropewalk has {API}"
        if type(said) is not int:
            return f"{told}; write ropewalk_api = {API}"
        if said > API:
            return f"{told}: pip install -U ropewalk"
        newer = "" if self.distribution is None else f": pip install -U {self.distribution.metadata['Name']}, or"
        return f"{told}{newer}: bring the plugin to it (see docs/guide/plugins.md), then write ropewalk_api = {API}"


def _named(module: ModuleType, home: str, wanted: str) -> Any:
    found: Any = module
    for part in wanted.split("."):
        found = getattr(found, part, None)
    if isinstance(found, type) or isfunction(found):
        return found
    wrong = "has no class" if found is None else f"has a {type(found).__name__}, not a class, called"
    known = [one for one, kind in vars(module).items() if _is_own_class(kind, module)]
    raise PluginError(f"{home} {wrong} {wanted!r}; {did_you_mean(wanted, known)}")


def _is_own_class(kind: object, module: ModuleType) -> bool:
    return isinstance(kind, type) and kind.__module__ == module.__name__ and not kind.__name__.startswith("_")


def _methods(thing: Any) -> list[str]:
    """List the methods that a class has of its own; those that `Strategy` hands down empty are none."""
    if isfunction(thing):
        return ["__call__"]
    return [
        name
        for name in dir(thing)
        if (not name.startswith("_") or name == "__call__")
        and callable(getattr(thing, name))
        and getattr(thing, name) is not getattr(Strategy, name, None)
        and _is_defined(thing, name)
    ]


def _is_defined(kind: type, name: str) -> bool:
    # Every class can be called, to make an object; its objects only where a class of theirs says how.
    return name != "__call__" or any(name in vars(one) for one in kind.__mro__)
