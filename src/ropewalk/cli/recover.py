"""`ropewalk recover`: cuts a torn tail off a journal and keeps it aside."""

from __future__ import annotations

import typer

from ropewalk.cli.places import AsJson, JournalPlace, journal_at
from ropewalk.cli.screen import answer
from ropewalk.errors import JournalError


def recover(folder: JournalPlace, as_json: AsJson = False) -> None:
    """
    Move the torn tail of a journal to quarantine, so that the run can be read and resumed.

    Nothing is deleted, and nothing but a torn tail is touched. Ends with 0 when what is left can be read, 1 when
    the journal is damaged in another way.
    """
    from ropewalk.journal import recover as recovered
    from ropewalk.journal import verify
    from ropewalk.journal.verdict import DAMAGED

    path = journal_at(folder)
    try:
        done = recovered(path)
    except JournalError as error:
        if verify(path).exit_code != DAMAGED:
            raise
        typer.echo(f"ropewalk: {error}", err=True)
        raise typer.Exit(DAMAGED) from error
    answer(done, done.to_dict(), as_json=as_json, exit_code=done.exit_code)
