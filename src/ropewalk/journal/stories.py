"""Stories: why something happened, or did not, as a chain of passages for people and for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec

from ropewalk.journal.verdict import CLEAN
from ropewalk.journal.words import moment
from ropewalk.notation import timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator

Part = Literal["cause", "event", "outcome", "standing", "around"]
"""Where a passage stands: before what was asked about, it itself, what followed, or around it."""

TITLES: dict[Part, str] = {
    "standing": "how things stood",
    "cause": "how it came about",
    "event": "what happened",
    "outcome": "what came of it",
    "around": "before and after",
}


class Passage(msgspec.Struct, frozen=True, kw_only=True):
    """
    One link of the chain: a record, or a fact that has no number.

    `kind` is the record's, or `bar`, `posting` or what else the fact is about; `said` are the record's fields
    as the journal has them.
    """

    part: Part
    kind: str
    sentences: tuple[str, ...]
    number: int | None = None
    at_us: int | None = None
    said: dict[str, Any] = {}

    def to_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON; the time also as ISO text."""
        told: dict[str, Any] = msgspec.to_builtins(self)
        return {**told, "at": None if self.at_us is None else timestamp(self.at_us).isoformat()}


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """
    What was asked about, and the passages that explain it, in the order in which things happened.

    `notes` say what the story could not be told with: missing bars, a journal that is damaged further on.
    `exit_code` is 0 where the journal is whole, 1 where it is damaged further on, 3 where it is incomplete but sound.
    """

    label: str
    run: str
    title: str
    passages: tuple[Passage, ...]
    notes: tuple[str, ...] = ()
    exit_code: int = CLEAN

    def to_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON."""
        return {
            "label": self.label,
            "run": self.run,
            "title": self.title,
            "passages": [passage.to_dict() for passage in self.passages],
            "notes": list(self.notes),
            "exit_code": self.exit_code,
        }

    def __str__(self) -> str:
        return "\n".join([self.title, *self._told(), *(f"note: {note}" for note in self.notes)])

    def _told(self) -> Iterator[str]:
        numbers = max((len(str(one.number)) for one in self.passages if one.number is not None), default=0)
        kinds = max((len(one.kind) for one in self.passages), default=0)
        dates = max((len(moment(one.at_us)) for one in self.passages if one.at_us is not None), default=0)
        part = ""
        for one in self.passages:
            if one.part != part:
                part = one.part
                yield from ("", TITLES[one.part])
            number = "" if one.number is None else str(one.number)
            at = "" if one.at_us is None else moment(one.at_us)
            heads = [f"  {at:<{dates}}  {one.kind:<{kinds}}  {number:>{numbers}}  ", ""]
            for place, sentence in enumerate(one.sentences):
                yield f"{heads[0] if not place else ' ' * len(heads[0])}{sentence}".rstrip()
        yield ""
