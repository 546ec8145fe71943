"""Chains: which records led to one, and which followed from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ropewalk.events import (
    Conflict,
    DataEnded,
    Decision,
    Dividend,
    Fill,
    Intent,
    Lapse,
    Reallocation,
    RunEnded,
    Split,
)
from ropewalk.recording.kinds import Step

if TYPE_CHECKING:
    from ropewalk.journal.timeline import Timeline

FROM_OUTSIDE = (Split, Dividend, DataEnded, RunEnded)
"""What the data bring: its cause on record is whatever came before, which is no reason."""
FOLLOWED = (Intent, Decision, Fill, Reallocation)
"""What else came of these belongs to the story, too."""
CAUSES_MAX = 24
OUTCOMES_MAX = 24
ROUND_TRIP_MAX = 6
"""Fills of the same position that a story still tells one by one."""


def causes(timeline: Timeline, number: int) -> list[int]:
    """
    Name what led to a record, in the order in which it happened.

    Beside the causes on record: the conflict that a decision's intent was part of, the intents of a conflict,
    the suspension that a decision names, the step whose bar an order filled on, and the splits through which it rested.
    """
    found: dict[int, None] = {}
    waiting = [number]
    while waiting and len(found) < CAUSES_MAX:
        one = waiting.pop(0)
        record = timeline.records.get(one)
        if record is None:
            continue
        because = [record.cause]
        if isinstance(record.event, Fill | Lapse):
            because += [timeline.step_of(one), *timeline.splits_while_resting(one)]
        elif isinstance(record.event, Decision) and record.cause is not None:
            because.append(timeline.conflict_of.get(record.cause))
            if record.event.reason == "suspended":
                because.append(timeline.suspension_of(record.event.strategy, before=one))
        elif isinstance(record.event, Conflict) and one == number:
            because += record.event.intents
        elif isinstance(record.event, FROM_OUTSIDE):
            because = []
        fresh = [cause for cause in because if cause is not None and cause not in found and cause < number]
        found |= dict.fromkeys(fresh)
        waiting += fresh
    return sorted(cause for cause in found if cause in timeline.records and cause)


def outcomes(timeline: Timeline, number: int) -> list[int]:
    """
    Name what followed from a record, in the order in which it happened.

    A step's are all events up to the next one. What a strategy wanted because of a fill is named, but not followed.
    """
    event = timeline.records[number].event
    if isinstance(event, Step):
        return _until_next_step(timeline, number)
    found: dict[int, None] = {}
    waiting = [number]
    while waiting:
        one = waiting.pop(0)
        follows = list(timeline.effects(one))
        said = timeline.records[one].event
        if isinstance(said, Intent) and one in timeline.conflict_of:
            follows.append(timeline.conflict_of[one])
        elif isinstance(said, Conflict) and one == number:
            follows += [each for intent in said.intents if (each := timeline.decision_of(intent)) is not None]
        fresh = [each for each in follows if each not in found and each > number]
        found |= dict.fromkeys(fresh)
        if not isinstance(said, Fill):
            waiting += [each for each in fresh if isinstance(timeline.records[each].event, FOLLOWED)]
    if isinstance(event, Fill):
        found |= dict.fromkeys(timeline.round_trip(number)[1][:ROUND_TRIP_MAX])
    return sorted(found)


def _until_next_step(timeline: Timeline, number: int) -> list[int]:
    found = []
    for one in range(number + 1, timeline.last + 1):
        if isinstance(timeline.records[one].event, Step | RunEnded):
            break
        found.append(one)
    return found
