"""
The sidecar `env.json`: where and when a run was recorded.

It never takes part in equality; it helps to explain why two runs on two machines differ.
"""

from __future__ import annotations

import os
import platform
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import msgspec

from ropewalk.errors import JournalError

if TYPE_CHECKING:
    from pathlib import Path

ENVIRONMENT = "env.json"
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
        "command": list(sys.argv),
        "began": datetime.now(UTC).isoformat(),
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


class Sidecar:
    """A run's `env.json`, written when the run begins and once more when it ends."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / ENVIRONMENT
        self._facts = environment()
        self._path.write_bytes(_readable(self._facts))

    def end(self) -> None:
        """Add when the run ended. A disk that has no room for that takes nothing from the journal."""
        try:
            self._path.write_bytes(_readable({**self._facts, "ended": datetime.now(UTC).isoformat()}))
        except OSError:
            return


def read_environment(folder: Path) -> dict[str, Any]:
    """Read a run's sidecar; a missing one is fine and says nothing. Raises JournalError for what is no JSON object."""
    path = folder / ENVIRONMENT
    try:
        said = msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise JournalError(f"{path}: {error}; the sidecar may be removed, nothing depends on it") from None
    return said


def _readable(facts: dict[str, Any]) -> bytes:
    return msgspec.json.format(msgspec.json.encode(facts, order="sorted"), indent=2) + b"\n"
