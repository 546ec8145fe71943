"""
The sidecar `env.json`: where and when a run was recorded.

It never takes part in equality; it helps to explain why two runs on two machines differ.
"""

from __future__ import annotations

import os
import platform
import sys
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import msgspec

from ropewalk.errors import JournalError, writable
from ropewalk.recording.names import ENVIRONMENT_PART, journal_in, sidecar_of

if TYPE_CHECKING:
    from pathlib import Path

PACKAGES = ("ropewalk", "blinker", "msgspec", "numpy", "pandas", "polars", "pyarrow", "pydantic", "sortedcontainers")


def environment() -> dict[str, Any]:
    """Look around: Python, packages, platform, hash seed, command line, and the time on the wall."""
    return {
        "python": sys.version,
        "implementation": platform.python_implementation(),
        "packages": {name: found for name in PACKAGES if (found := _version(name))},
        "platform": platform.platform(),
        "machine": platform.machine(),
        "byte_order": sys.byteorder,
        "hash_seed": os.environ.get("PYTHONHASHSEED", ""),
        "threads": {
            name: os.environ[name] for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS") if name in os.environ
        },
        "command": [writable(argument) for argument in sys.argv],
        "began": datetime.now(UTC).isoformat(),
    }


@cache
def _version(package: str) -> str:
    # Looking for it takes as long as recording a thousand events.
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


class Sidecar:
    """A run's `env.json.part`, written when the run begins and again when there is more to say."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / ENVIRONMENT_PART
        self._facts = environment()
        _put(self._path, self._facts)

    def note(self, text: str) -> None:
        """Add what whoever looks at the run later has to know about its folder."""
        self._facts["notes"] = [*self._facts.get("notes", ()), text]
        self._say_again()

    @property
    def has_faults(self) -> bool:
        """Whether something raised or hung."""
        return "faults" in self._facts

    def fault(self, told: dict[str, Any]) -> None:
        """Add where something raised, or where the run hangs: who, at which number, and the stack."""
        self._facts["faults"] = [*self._facts.get("faults", ()), told]
        self._say_again()

    def end(self) -> None:
        """Add when the run ended."""
        self._facts["ended"] = datetime.now(UTC).isoformat()
        self._say_again()

    def _say_again(self) -> None:
        # A disk that has no room for that takes nothing from the journal.
        with suppress(OSError):
            _put(self._path, self._facts)


def read_environment(place: Path) -> dict[str, Any]:
    """
    Read the sidecar of a run's folder, or of a journal in it; a missing one is fine and says nothing.

    Raises JournalError for what is no file, or no JSON object.
    """
    path = sidecar_of(place if place.is_file() else journal_in(place))
    if path.exists() and not path.is_file():
        # Opening a pipe would wait for somebody to write into it.
        raise JournalError(f"{path} is no file; it may be removed, nothing depends on it")
    try:
        said = msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise JournalError(f"{path}: {error}; the sidecar may be removed, nothing depends on it") from None
    return said


def _put(path: Path, facts: dict[str, Any]) -> None:
    # A disk that is full must not leave half of it where there was a whole one.
    fresh = path.with_name(f"{path.name}.new")
    try:
        fresh.write_bytes(msgspec.json.format(msgspec.json.encode(facts, order="sorted"), indent=2) + b"\n")
        os.replace(fresh, path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
