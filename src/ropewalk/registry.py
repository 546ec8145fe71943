"""
The registry: finds a strategy by the name that a person wrote, and makes it with the settings beside it.

A name is one of BUILT_IN, `package.module:Class`, or `path/to/file.py:Class`. A file's code is run once
for each of its contents, so that what two strategies of one file share is shared.
"""

from __future__ import annotations

import inspect
import sys
from contextlib import contextmanager
from hashlib import sha256
from importlib import import_module
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import module_from_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ropewalk.errors import ConfigError, PluginError, clipped, did_you_mean
from ropewalk.strategies.protocol import Strategy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import ModuleType

BUILT_IN = {
    "buy-and-hold": "ropewalk.strategies.examples:BuyAndHold",
    "momentum": "ropewalk.strategies.examples:Momentum",
    "momentum-signals": "ropewalk.strategies.examples:MomentumSignals",
    "mean-reversion": "ropewalk.strategies.examples:MeanReversion",
}
"""The strategies that ship, by the names of a run file."""

KINDS = (("should_enter", "should_exit"), ("signals",), ("on_bar",), ("on_turn",))
"""The methods by which a strategy is known; one group of them is enough."""

FILE_PREFIX = "ropewalk_file_"
"""How the names of modules begin that are strategies' files."""

NEEDED = (
    "should_enter(bars) and should_exit(position, bars), or signals(history), or on_bar(bar, view) or on_turn(view)"
)


def strategy_class(name: str, *, folder: Path) -> type:
    """
    Find the class that a name means; the path of a file is relative to `folder`.

    Raises PluginError when there is none, when its module cannot be imported, and when it is no strategy.

    >>> strategy_class("momentum", folder=Path()).__name__
    'Momentum'
    """
    home, _, wanted = BUILT_IN.get(name, name).rpartition(":")
    if not home or not wanted:
        raise PluginError(
            f"there is no strategy {clipped(name)}; {did_you_mean(name, BUILT_IN)}; or name a class of your own: "
            "package.module:Class or path/to/file.py:Class"
        )
    module = _file(folder / home) if home.endswith(".py") else _module(home)
    found = getattr(module, wanted, None)
    if not isinstance(found, type):
        wrong = "has no class" if found is None else f"has a {type(found).__name__}, not a class, called"
        known = [one for one, kind in vars(module).items() if _is_own_class(kind, module)]
        raise PluginError(f"{home} {wrong} {wanted!r}; {did_you_mean(wanted, known)}")
    _check_methods(found, name)
    return found


def refused_settings(kind: type, settings: Mapping[str, Any]) -> dict[str, str]:
    """Say of each setting that a class does not take, or lacks, what is wrong with it."""
    try:
        parameters = inspect.signature(kind).parameters
    except (TypeError, ValueError):
        # Classes written in C may hide theirs; making the strategy will tell.
        return {}
    named = {name: one for name, one in parameters.items() if one.kind in (one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY)}
    refused = {
        name: f"is needed by {kind.__name__}"
        for name, one in named.items()
        if one.default is one.empty and name not in settings
    }
    if not any(one.kind is one.VAR_KEYWORD for one in parameters.values()):
        refused |= {
            name: f"{kind.__name__} has no such setting; {did_you_mean(name, named)}"
            for name in settings
            if name not in named
        }
    return refused


def make_strategy(kind: type, settings: Mapping[str, Any]) -> Any:
    """Make a strategy. Raises ConfigError when its class refuses the settings, with what it said."""
    try:
        return kind(**settings)
    except (Exception, SystemExit) as error:
        raise ConfigError(f"{kind.__name__} refused its settings: {type(error).__name__}: {error}") from error


@contextmanager
def unread_files() -> Iterator[None]:
    """Let the code of files be run anew within this context, as if none of them had been read before."""
    read = {name: module for name, module in sys.modules.items() if name.startswith(FILE_PREFIX)}
    for name in read:
        del sys.modules[name]
    try:
        yield
    finally:
        for name in [name for name in sys.modules if name.startswith(FILE_PREFIX)]:
            del sys.modules[name]
        sys.modules.update(read)


def _module(name: str) -> ModuleType:
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not (name == error.name or name.startswith(f"{error.name}.")):
            raise _broken(name, error) from error
        raise PluginError(
            f"there is no module {error.name!r}; install the package that has it, or name the file: "
            "path/to/file.py:Class"
        ) from None
    except (Exception, SystemExit) as error:
        raise _broken(name, error) from error


def _file(path: Path) -> ModuleType:
    try:
        source = path.read_bytes()
    except OSError as error:
        near = sorted(one.name for one in path.parent.glob("*.py")) if path.parent.is_dir() else []
        raise PluginError(f"cannot read {path} ({error.strerror}); {did_you_mean(path.name, near)}") from None
    # The class of a strategy is found again through sys.modules when the strategy is copied or pickled.
    name = f"{FILE_PREFIX}{path.stem}_{sha256(str(path.resolve()).encode() + source).hexdigest()[:16]}"
    if name in sys.modules:
        return sys.modules[name]
    loader = SourceFileLoader(name, str(path))
    spec = ModuleSpec(name, loader, origin=str(path))
    spec.has_location = True
    module = sys.modules[name] = module_from_spec(spec)
    try:
        loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise _broken(str(path), error) from error
    return module


def _broken(name: str, error: BaseException) -> PluginError:
    return PluginError(f"importing {name} raised {type(error).__name__}: {error}")


def _is_own_class(kind: object, module: ModuleType) -> bool:
    return isinstance(kind, type) and kind.__module__ == module.__name__ and not kind.__name__.startswith("_")


def _check_methods(kind: type, name: str) -> None:
    own = [
        method
        for method in dir(kind)
        if not method.startswith("_")
        and callable(getattr(kind, method))
        and getattr(kind, method) is not getattr(Strategy, method, None)
    ]
    if any(all(method in own for method in methods) for methods in KINDS):
        return
    raise PluginError(f"{name} is no strategy: it needs {NEEDED}; its methods: {', '.join(own) or 'none'}")
