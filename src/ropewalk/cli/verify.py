"""`ropewalk verify`: whether a journal can be believed."""

from __future__ import annotations

from ropewalk.cli.places import AsJson, JournalPlace, journal_at
from ropewalk.cli.screen import answer


def verify(folder: JournalPlace, as_json: AsJson = False) -> None:
    """
    Check a journal: form, checksums, numbers, digests, and the rules between its records.

    Nothing is written and no plugin is imported. Ends with 0 when it is clean, 1 when it is damaged, 2 when it
    is no journal, 3 when it is incomplete but sound.
    """
    from ropewalk.journal import verify as verified

    found = verified(journal_at(folder))
    answer(found, found.to_dict(), as_json=as_json, exit_code=found.exit_code)
