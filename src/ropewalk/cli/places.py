"""Places: which journal a person means by a folder, a file, or the beginning of a run's id."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ropewalk.errors import JournalError, did_you_mean

RUNS = Path("runs")
"""Where runs are recorded unless it is said otherwise, seen from the working folder."""

JournalPlace = Annotated[
    str,
    typer.Argument(
        metavar="FOLDER",
        help="A run's folder, its journal file, or the beginning of its id under ./runs.",
        show_default=False,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the answer as JSON, and nothing else.")]


def journal_at(given: str, *, runs: Path = RUNS) -> Path:
    """
    Find what was meant: what lies there, else the one run under `runs` whose name begins so.

    Raises JournalError when there is none, or more than one.
    """
    if not given.strip():
        raise JournalError("no folder was named; give a run's folder, its journal, or the beginning of its id")
    if Path(given).exists():
        return Path(given)
    names = sorted(one.name for one in runs.iterdir() if one.is_dir()) if runs.is_dir() else []
    found = [name for name in names if name.startswith((given, f"r-{given}"))]
    if given in found or len(found) == 1:
        return runs / (given if given in found else found[0])
    if found:
        raise JournalError(f"{given!r} begins {len(found)} runs under {runs}: {', '.join(found[:8])}; give more of it")
    known = f"; {did_you_mean(given, names)}" if names else f", which {'is empty' if runs.is_dir() else 'is not there'}"
    raise JournalError(f"there is no {given}: no folder, no file, and no run under {runs}{known}")
