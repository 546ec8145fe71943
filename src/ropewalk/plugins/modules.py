"""
Modules: the code behind a name, imported when it is needed and not before.

A file's code is run once for each of its contents, so that what two plugins of one file share is shared.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from hashlib import sha256
from importlib import import_module
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import module_from_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ropewalk.errors import PluginError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import ModuleType

FILE_PREFIX = "ropewalk_file_"
"""How the names of modules begin that are files of plugins."""

PACKAGE = "__init__.py"


class _Fresh(SourceFileLoader):
    """Compiles what stands in a file now: bytecode is kept by second and size, which an edit need not change."""

    def path_stats(self, path: str | bytes) -> Mapping[str, Any]:
        """Know no time, so that no bytecode is read or kept."""
        raise OSError(f"{path!r}: no bytecode is kept")


def module_of(name: str) -> ModuleType:
    """Import a module by its name. Raises PluginError, which tells a missing module from one that fails."""
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


def file_module(path: Path) -> ModuleType:
    """Run a file, or a folder with an `__init__.py`, as a module of its own. Raises PluginError."""
    package = path if path.is_dir() else None
    path = path / PACKAGE if package else path
    source = _read(path)
    # A class is found again through sys.modules when its object is copied or pickled.
    content = source if package is None else b"".join(_read(one) for one in sources_in(package))
    stem = path.stem if package is None else package.name
    name = f"{FILE_PREFIX}{stem}_{sha256(str(path.resolve()).encode() + content).hexdigest()[:16]}"
    if name in sys.modules:
        return sys.modules[name]
    loader = _Fresh(name, str(path))
    spec = ModuleSpec(name, loader, origin=str(path), is_package=package is not None)
    spec.has_location = True
    if package is not None:
        spec.submodule_search_locations = [str(package)]
    module = sys.modules[name] = module_from_spec(spec)
    try:
        loader.exec_module(module)
    except (Exception, SystemExit) as error:
        for one in [one for one in sys.modules if one == name or one.startswith(f"{name}.")]:
            del sys.modules[one]
        raise _broken(str(path), error) from error
    return module


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


def sources_in(folder: Path) -> list[Path]:
    """List the Python files of a package, in the order of their paths."""
    return sorted(folder.rglob("*.py"), key=lambda path: path.relative_to(folder).as_posix())


def source_digest(path: Path) -> str:
    """SHA-256 of a file, or of all Python files of a package with their names; empty where they cannot be read."""
    try:
        if path.is_file():
            return sha256(path.read_bytes()).hexdigest()
        digest = sha256()
        for one in sources_in(path):
            digest.update(f"{one.relative_to(path).as_posix()}\0{sha256(one.read_bytes()).hexdigest()}\n".encode())
        return digest.hexdigest()
    except OSError:
        return ""


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        near = sorted(one.name for one in path.parent.glob("*.py")) if path.parent.is_dir() else []
        raise PluginError(f"cannot read {path} ({error.strerror}); {did_you_mean(path.name, near)}") from None


def _broken(name: str, error: BaseException) -> PluginError:
    return PluginError(f"importing {name} raised {type(error).__name__}: {error}")
