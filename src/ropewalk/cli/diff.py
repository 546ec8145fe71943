"""`ropewalk diff`: the first thing that went differently in two runs."""

from __future__ import annotations

from ropewalk.cli.places import AsJson, JournalPlace, journal_at
from ropewalk.cli.screen import answer
from ropewalk.cli.soundness import damage_told


def diff(a: JournalPlace, b: JournalPlace, as_json: AsJson = False) -> None:
    """
    Find the first difference of two journals.

    Tells its causes and what may be behind it: inputs and surroundings. Ends with 0 when the same happened from the
    same inputs, 1 when not.
    """
    from ropewalk.journal import diff as differing

    one, other = journal_at(a), journal_at(b)
    with damage_told(one, other, as_json=as_json):
        found = differing(one, other)
    if found is None:
        told = f"equal: the same happened in {one} and {other}, from the same inputs"
        answer(told, {"equal": True, "exit_code": 0}, as_json=as_json)
    else:
        answer(found, {"equal": False, **found.to_dict()}, as_json=as_json, exit_code=found.exit_code)
