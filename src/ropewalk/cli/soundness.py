"""Soundness: what a command ends with when the journal that it is about is damaged or torn, or has not ended."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import typer

from ropewalk.cli.screen import say_error
from ropewalk.errors import JournalError, MissingInputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ropewalk.journal import Verification


@contextmanager
def soundness_told(place: Path, *, as_json: bool) -> Iterator[None]:
    """
    Let an error over a journal end the command with the code of its verdict, where that is not a clean one.

    For commands that need a run that has ended. What is missing beside a journal says nothing against it.
    """
    try:
        yield
    except MissingInputError:
        raise
    except JournalError as error:
        found = verified(place)
        if found.is_clean:
            raise
        _end(error, found, as_json=as_json)


@contextmanager
def damage_told(*places: Path, as_json: bool) -> Iterator[None]:
    """
    Let an error over journals end the command with the code of the first that is damaged or torn.

    For commands that take a run as far as it goes: one that has not ended is as good as any.
    """
    try:
        yield
    except MissingInputError:
        raise
    except JournalError as error:
        found = next((one for one in map(verified, places) if not one.is_believable), None)
        if found is None:
            raise
        _end(error, found, as_json=as_json)


def verified(place: Path) -> Verification:
    """Verify a journal; imported only here, where something is wrong with one."""
    from ropewalk.journal import verify

    return verify(place)


def _end(error: JournalError, found: Verification, *, as_json: bool) -> NoReturn:
    told = f"{error}\n{found.label}: {found.verdict.meaning}; {found.advice}"
    if as_json:
        say_error(told, found.exit_code)
    typer.echo(f"ropewalk: {told}", err=True)
    raise typer.Exit(found.exit_code) from error
