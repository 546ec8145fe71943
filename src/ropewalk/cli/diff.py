"""`ropewalk diff`: the first thing that went differently in two runs."""

from __future__ import annotations

from typing import Annotated

import typer

from ropewalk.cli.places import AsJson, journal_at
from ropewalk.cli.screen import answer
from ropewalk.cli.soundness import damage_told

_HELP = "A run's folder, its journal file, or the beginning of its id under ./runs."
One = Annotated[str, typer.Argument(metavar="A", help=_HELP, show_default=False)]
Other = Annotated[str, typer.Argument(metavar="B", help="The other one, named in the same way.", show_default=False)]


def diff(a: One, b: Other, as_json: AsJson = False) -> None:
    """
    Find the first difference of two journals.

    Tells its causes and what may be behind it: inputs and surroundings. Ends with 0 when the same happened from the
    same inputs, 1 when not or when one is damaged, 2 when one is no journal.
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
