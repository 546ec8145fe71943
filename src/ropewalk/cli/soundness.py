"""Soundness: what a command that needs a whole journal ends with when it is damaged, or has not ended."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from ropewalk.errors import JournalError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def soundness_told(place: Path) -> Iterator[None]:
    """Let an error over a journal end the command with the code of its verdict, where that is not a clean one."""
    try:
        yield
    except JournalError as error:
        from ropewalk.journal import verify

        found = verify(place)
        if found.is_clean:
            raise
        typer.echo(f"ropewalk: {error}\n{found.verdict.meaning}: {found.verdict.action}", err=True)
        raise typer.Exit(found.exit_code) from error
