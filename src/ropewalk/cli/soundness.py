"""Soundness: what a command that needs a whole journal ends with when it is damaged, or has not ended."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from ropewalk.cli.screen import say_error
from ropewalk.errors import JournalError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def soundness_told(place: Path, *, as_json: bool) -> Iterator[None]:
    """Let an error over a journal end the command with the code of its verdict, where that is not a clean one."""
    try:
        yield
    except JournalError as error:
        from ropewalk.journal import verify

        found = verify(place)
        if found.is_clean:
            raise
        told = f"{error}\n{found.verdict.meaning}: {found.verdict.action}"
        if as_json:
            say_error(told, found.exit_code)
        typer.echo(f"ropewalk: {told}", err=True)
        raise typer.Exit(found.exit_code) from error
