"""
The kinds of lines, as a table: what a journal may say, and the class that carries it.

An event's line holds the event. Three kinds are about the journal and not about the run: `data`, `plugin`
and `ckpt`. A `step` stands for an instant's bars, which are referenced by rows and never embedded.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from ropewalk import events
from ropewalk.notation import on_the_wire
from ropewalk.recording.inputs import FORMAT, SEMANTICS, DataSet, Heading, Inputs, Plugin, digest_of, plain

VERSION = 1
"""The version of the format, which rises when older readers would misread a journal."""


class Step(msgspec.Struct, frozen=True, gc=False, rename=on_the_wire):
    """
    An instant that had consequences: its time, and the rows of its bars.

    `rows` are first and end, the end not included, in the data's canonical order: by time, then symbol.
    """

    at_us: int
    rows: tuple[int, int]


class Seal(msgspec.Struct, frozen=True):
    """
    What must have been before: digests of all that a checkpoint or the footer follows.

    `sha256` is over all bytes of the file before this line. `events` is over the numbered lines after the
    header without their checksums, so it is equal for runs in which the same happened, whatever the
    inputs were called. `books` is over the books that follow from the events. `counts` are lines by kind.
    """

    sha256: str
    events: str
    books: str
    counts: dict[str, int]


class Kind(NamedTuple):
    """
    What a kind's line holds: an event or a class of its own, and what stands before or behind it.

    A kind with a `setting` comes up only in runs that have it, and only their headers say its version.
    """

    body: type
    before: type | None = None
    after: type | None = None
    has_cause: bool = True
    is_numbered: bool = True
    version: int = 1
    setting: str = ""


KINDS: dict[str, Kind] = {
    "header": Kind(events.RunStarted, before=Heading, has_cause=False),
    "data": Kind(DataSet, has_cause=False, is_numbered=False),
    "plugin": Kind(Plugin, has_cause=False, is_numbered=False),
    "step": Kind(Step, has_cause=False),
    "intent": Kind(events.Intent),
    "conflict": Kind(events.Conflict),
    "decision": Kind(events.Decision),
    "fill": Kind(events.Fill),
    "lapse": Kind(events.Lapse),
    "transfer": Kind(events.Transfer),
    "split": Kind(events.Split),
    "dividend": Kind(events.Dividend),
    "adjustment": Kind(events.Adjustment),
    "payment": Kind(events.Payment),
    "rebalance": Kind(events.Rebalance, setting="rebalance"),
    "reallocation": Kind(events.Reallocation, setting="rebalance"),
    "suspension": Kind(events.Suspension, setting="suspend"),
    "fault": Kind(events.Fault),
    "data_ended": Kind(events.DataEnded),
    "ckpt": Kind(Seal, has_cause=False, is_numbered=False),
    "footer": Kind(events.RunEnded, after=Seal),
}
"""Every kind; an event class that is added to the run takes one line here."""

KIND_OF: dict[type, str] = {kind.body: name for name, kind in KINDS.items() if issubclass(kind.body, events.Event)}
"""The kind of each event."""

VERSIONS: dict[str, int] = {name: kind.version for name, kind in sorted(KINDS.items())}


def versions_for(settings: Any) -> dict[str, int]:
    """Say the version of each kind that a run with some settings may have."""
    told = settings if isinstance(settings, dict) else {}
    return {name: VERSIONS[name] for name in VERSIONS if not KINDS[name].setting or KINDS[name].setting in told}


def heading_of(inputs: Inputs) -> Heading:
    """Make the header line's own part from a run's inputs."""
    return Heading(
        format=FORMAT,
        version=VERSION,
        versions=versions_for(inputs.configuration.get("settings")),
        semantics=SEMANTICS,
        run=inputs.run_id,
        seed=inputs.seed,
        scales=inputs.scales,
        config=plain(inputs.configuration),
        config_digest=digest_of(inputs.configuration),
        counterfactual=inputs.counterfactual,
        parent=inputs.parent,
        overrides=plain(inputs.overrides),
    )


class Record(NamedTuple):
    """
    One line of a journal, understood.

    `number` is the bus's number of the event or step; lines about the journal carry the number of the record
    before them. `at_us` and `cause` are None where the kind has none. `about` is the header's Heading and
    the footer's Seal. `line` counts from 1, `offset` is the line's first byte.
    """

    number: int
    kind: str
    at_us: int | None
    cause: int | None
    event: Any
    about: Any
    line: int
    offset: int
