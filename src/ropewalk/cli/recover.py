"""`ropewalk recover`: cuts a torn tail off a journal and keeps it aside."""

from __future__ import annotations

from ropewalk.cli.places import AsJson, JournalPlace, journal_at
from ropewalk.cli.screen import answer


def recover(folder: JournalPlace, as_json: AsJson = False) -> None:
    """
    Move the torn tail of a journal aside.

    It goes to the run's quarantine; what is left can be read and resumed. A journal that is whole and lacks only its
    name gets it. Nothing is deleted, and nothing else is touched. Ends with 0 when what is left can be read, 1 when the
    journal is damaged in another way.
    """
    from ropewalk.journal import recover as recovered

    done = recovered(journal_at(folder))
    answer(done, done.to_dict(), as_json=as_json, exit_code=done.exit_code)
