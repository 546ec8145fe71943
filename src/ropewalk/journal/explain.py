"""
Explaining: why something in a run happened, or why nothing did, from its journal alone.

The chain is bar → intent → conflict → limits → decision → fill → posting, told in words and in both directions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ropewalk.errors import JournalError
from ropewalk.events import Decision, Fill, Intent
from ropewalk.journal.chain import OUTCOMES_MAX, causes, outcomes
from ropewalk.journal.silence import silence
from ropewalk.journal.stories import Passage, Story
from ropewalk.journal.teller import Teller
from ropewalk.journal.timeline import Timeline

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, time

    from ropewalk.journal.reader import Source
    from ropewalk.journal.stories import Part

KINDS: dict[str, type] = {"fill": Fill, "intent": Intent, "decision": Decision}


def explain(
    source: Source,
    *,
    fill: int | None = None,
    intent: int | None = None,
    decision: int | None = None,
    number: int | None = None,
    strategy: str | None = None,
    symbol: str | None = None,
    at: str | date | time | None = None,
) -> Story:
    """
    Explain a record of a journal by its number, or with `strategy`, `symbol` and `at` why nothing happened.

    `fill`, `intent` and `decision` also say what the record has to be; `number` takes any. `at` is an ISO date,
    time or datetime, in UTC unless it says otherwise; a date means that whole day. Only the journal is read, and
    the copies of bars beside it: no plugin is imported.

    Raises JournalError when what was asked about is not in the journal, with what is.
    """
    numbers = {"fill": fill, "intent": intent, "decision": decision, "number": number}
    asked = {name: one for name, one in numbers.items() if one is not None}
    about = {"strategy": strategy, "symbol": symbol, "at": at}
    given = [name for name, one in about.items() if one is not None]
    if len(asked) + bool(given) != 1 or (given and len(given) != len(about)):
        found = ", ".join([*asked, *given]) or "nothing"
        raise JournalError(
            f"asked to explain {found}; give one of fill, intent, decision and number, or strategy, symbol and at"
        )
    timeline = Timeline(source)
    if strategy is not None and symbol is not None and at is not None:
        return silence(timeline, strategy=strategy, symbol=symbol, at=at)
    ((kind, one),) = asked.items()
    _check(timeline, kind, one)
    return _story(timeline, one)


def _story(timeline: Timeline, number: int) -> Story:
    symbol = getattr(timeline.records[number].event, "symbol", "")
    teller = Teller(timeline, symbol)
    event = timeline.records[number].event
    followed = outcomes(timeline, number)
    passages = [*_passages(teller, causes(timeline, number), "cause"), *_passages(teller, [number], "event")]
    passages += _passages(teller, followed[:OUTCOMES_MAX], "outcome")
    if len(followed) > OUTCOMES_MAX:
        rest = f"and {teller.counted(followed[OUTCOMES_MAX:])} more"
        passages.append(Passage(part="outcome", kind="", sentences=(rest,)))
    notes = [] if not isinstance(event, Fill) else _later(timeline, number)
    return Story(
        label=timeline.journal.label,
        run=timeline.journal.run_id,
        title=teller.title(number),
        passages=tuple(passages),
        notes=(*notes, *timeline.circumstances),
        exit_code=timeline.exit_code,
    )


def _passages(teller: Teller, numbers: list[int], part: Part) -> Iterator[Passage]:
    for number in numbers:
        yield teller.passage(number, part)
        if isinstance(teller.timeline.records[number].event, Fill):
            yield teller.posting(number, part)


def _later(timeline: Timeline, fill: int) -> list[str]:
    told = outcomes(timeline, fill)
    later = [one for one in timeline.round_trip(fill)[1] if one not in told]
    return [f"{len(later)} later fills belong to the same position, the last is {later[-1]}"] if later else []


def _check(timeline: Timeline, kind: str, number: int) -> None:
    """Raise JournalError unless there is a record of this number and kind."""
    record = timeline.records.get(number)
    if record is None:
        behind = f"; {timeline.damage}" if timeline.damage else ""
        raise JournalError(f"there is no number {number}: {timeline.journal.label} has 0 to {timeline.last}{behind}")
    wanted = KINDS.get(kind)
    if wanted is None or isinstance(record.event, wanted):
        return
    wrong = f"number {number} is {_a(record.kind)}, not {_a(kind)}"
    near = [one for one in (*causes(timeline, number), *outcomes(timeline, number)) if _is(timeline, one, wanted)]
    if near:
        raise JournalError(f"{wrong}; did you mean {near[0]}?")
    every = [one for one in timeline.records if _is(timeline, one, wanted)]
    if not every:
        raise JournalError(f"{wrong}; this journal has no {kind}")
    close = min(every, key=lambda one: abs(one - number))
    raise JournalError(f"{wrong}; the nearest {kind} is {close}, and there are {len(every):,}")


def _a(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


def _is(timeline: Timeline, number: int, kind: type) -> bool:
    return isinstance(timeline.records[number].event, kind)
