"""
The names in a run's folder: what is unfinished, what is finished, and what is kept aside.

A journal and its sidecar go together: `journal.jsonl.part` with `env.json.part` while a run goes on,
`journal.jsonl` with `env.json` once it has ended. What has to make room for another journal goes to
`quarantine/earlier.N`, under the names that it had.
"""

from __future__ import annotations

import os
from contextlib import suppress
from filecmp import cmp
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from ropewalk.recording.files import Files

JOURNAL = "journal.jsonl"
PART = "journal.jsonl.part"
ENVIRONMENT = "env.json"
ENVIRONMENT_PART = "env.json.part"
QUARANTINE = "quarantine"
EARLIER = "earlier"
CHUNK = 1 << 20


def journal_in(folder: Path) -> Path:
    """Say where the journal of a folder is: finished, else its part, whether that is there or not."""
    finished = folder / JOURNAL
    return finished if finished.exists() else folder / PART


def sidecar_of(journal: Path) -> Path:
    """Say where the sidecar of a journal is, whether it is there or not."""
    folder = journal.parent
    if journal.name == PART and ((folder / ENVIRONMENT_PART).exists() or (folder / JOURNAL).exists()):
        return folder / ENVIRONMENT_PART
    return folder / ENVIRONMENT


def named(part: Path, files: Files) -> tuple[Path, Path | None]:
    """
    Give a part that is whole the name of a journal; says where an earlier one with other bytes was put.

    Whoever calls holds the folder. Raises OSError.
    """
    target = part.with_name(JOURNAL)
    another = put_aside(target, files) if target.exists() and not cmp(target, part, shallow=False) else None
    # First, so that whoever dies here leaves both to be found; nothing depends on it.
    with suppress(OSError):
        files.rename(part.with_name(ENVIRONMENT_PART), part.with_name(ENVIRONMENT))
    files.rename(part, target)
    _sync_folder(part.parent, files)
    return target, another


def put_aside(journal: Path, files: Files) -> Path:
    """Move a journal, or a part, and its sidecar into a folder of their own in quarantine; says into which."""
    target = kept_aside(journal.parent, EARLIER)
    target.mkdir(exist_ok=True)
    sidecar = sidecar_of(journal)
    if sidecar.exists():
        files.rename(sidecar, target / sidecar.name)
    files.rename(journal, target / journal.name)
    return target


def kept_aside(folder: Path, name: str) -> Path:
    """Find a free name in a run's quarantine; a folder that somebody died before filling is free."""
    quarantine = folder / QUARANTINE
    quarantine.mkdir(exist_ok=True)
    number = 1
    while (target := quarantine / f"{name}.{number}").exists() and not _is_empty_folder(target):
        number += 1
    return target


def _is_empty_folder(path: Path) -> bool:
    return path.is_dir() and not any(path.iterdir())


def without_repeated_parts(folder: Path) -> None:
    """
    Remove from quarantine the parts with which the finished journal begins, byte for byte: they say nothing more.

    What differs in one byte stays, and so does everything else that is kept there.
    """
    with suppress(OSError):
        for part in sorted((folder / QUARANTINE).glob(f"{EARLIER}.*/{PART}")):
            if _begins_with(folder / JOURNAL, part):
                part.unlink()
                part.with_name(ENVIRONMENT_PART).unlink(missing_ok=True)
                part.parent.rmdir()
        (folder / QUARANTINE).rmdir()


def _begins_with(journal: Path, part: Path) -> bool:
    with journal.open("rb") as whole, part.open("rb") as beginning:
        while chunk := beginning.read(CHUNK):
            if whole.read(len(chunk)) != chunk:
                return False
    return True


def _sync_folder(folder: Path, files: Files) -> None:
    descriptor = files.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        files.fsync(descriptor)
    finally:
        os.close(descriptor)
