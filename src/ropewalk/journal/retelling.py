"""Retelling: the chains of many records at once, each record told once, for a page that shows any of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ropewalk.events import Decision, Fill
from ropewalk.journal.chain import causes
from ropewalk.journal.teller import Teller

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ropewalk.journal.timeline import Timeline


Told = tuple[str, int, int | None, tuple[str, ...]]
"""What a passage is about: its kind and number, when it was, and its sentences."""


class Retelling(NamedTuple):
    """
    What `explain` says of many records, without saying anything twice.

    `passages` are told once each; `chains` names for a record those that led to it, it itself, and for a fill its
    posting, by their places in `passages`.
    """

    passages: tuple[Told, ...]
    chains: dict[int, tuple[int, ...]]


def ends_of(timeline: Timeline) -> dict[int, int]:
    """Name for each decision its fill or lapse; the decision itself where it was refused, or still rested."""
    return {
        number: timeline.end_of(number) or number
        for number, record in timeline.records.items()
        if isinstance(record.event, Decision)
    }


def retold(timeline: Timeline, numbers: Iterable[int]) -> Retelling:
    """Tell the chains of causes of some records, as `explain` does."""
    tellers: dict[str, Teller] = {}
    places: dict[tuple[int, str], int] = {}
    passages: list[Told] = []

    def place_of(number: int, teller: Teller, *, is_posting: bool = False) -> int:
        record = timeline.records[number]
        # A bar's passage is about one symbol of its instant; all others say the same whoever asks.
        key = (number, teller.symbol if record.kind == "step" else "posting" if is_posting else "")
        if key not in places:
            places[key] = len(passages)
            if is_posting:
                kind, sentences = "posting", teller.posting(number, "event").sentences
            else:
                kind, sentences = teller.kind(number), tuple(teller.told(number))
            passages.append((kind, number, record.at_us, sentences))
        return places[key]

    chains = {}
    for number in numbers:
        event = timeline.records[number].event
        symbol = getattr(event, "symbol", "")
        teller = tellers.setdefault(symbol, Teller(timeline, symbol))
        chain = [place_of(one, teller) for one in (*causes(timeline, number), number)]
        if isinstance(event, Fill):
            chain.append(place_of(number, teller, is_posting=True))
        chains[number] = tuple(chain)
    return Retelling(tuple(passages), chains)
