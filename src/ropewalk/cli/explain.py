"""`ropewalk explain`: why something happened in a run, or why nothing did."""

from __future__ import annotations

from typing import Annotated

import typer

from ropewalk.cli.places import AsJson, JournalPlace, journal_at
from ropewalk.cli.screen import answer
from ropewalk.cli.soundness import damage_told

_A = {"fill": "a fill", "intent": "an intent", "decision": "a decision"}


def _numbered(kind: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(
        f"--{kind}", metavar="N", help=f"The number of {_A[kind]}." if kind in _A else "Any number."
    )
    return option


def explain(
    folder: JournalPlace,
    fill: Annotated[int | None, _numbered("fill")] = None,
    intent: Annotated[int | None, _numbered("intent")] = None,
    decision: Annotated[int | None, _numbered("decision")] = None,
    number: Annotated[int | None, _numbered("number")] = None,
    strategy: Annotated[str | None, typer.Option(metavar="S", help="Who did nothing, or what it did.")] = None,
    symbol: Annotated[str | None, typer.Option(metavar="X", help="With what.")] = None,
    at: Annotated[str | None, typer.Option(metavar="DATE", help="When: an ISO date or time, in UTC.")] = None,
    as_json: AsJson = False,
) -> None:
    """
    Tell why something happened, or nothing did.

    The chain goes from the bar over intent, conflict, limits and decision to the fill and its posting. Give the number
    of a record, or a strategy, a symbol and a date to hear why nothing happened. Ends with 0 when it was told, 1 when
    the journal is damaged, 2 when there is nothing to tell, 3 when the run has not ended.
    """
    from ropewalk.journal import explain as explained

    place = journal_at(folder)
    about = {"strategy": strategy, "symbol": symbol, "at": at}
    with damage_told(place, as_json=as_json):
        story = explained(place, fill=fill, intent=intent, decision=decision, number=number, **about)
    answer(story, story.to_dict(), as_json=as_json, exit_code=story.exit_code)
