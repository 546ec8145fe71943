"""Sight: where a strategy whose recorded intent was settled again would have seen other positions than it did."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ropewalk.events import Adjustment, Fill, Intent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ropewalk.collectors.recorder import Recorder
    from ropewalk.journal.fates import Said


class Sight(NamedTuple):
    """Intents in all, those said where the strategy would hold other lots than on record, and these by strategy."""

    intents: int
    other: int
    by_strategy: dict[str, int]


def sight_of(recorded: Recorder, now: Recorder) -> Sight:
    """Compare what each strategy held at each of its intents."""
    before = dict(_seen(recorded))
    by_strategy: dict[str, int] = {}
    count = 0
    for said, held in _seen(now):
        count += 1
        differs = said in before and before[said] != held
        by_strategy[said[0]] = by_strategy.get(said[0], 0) + differs
    return Sight(count, sum(by_strategy.values()), by_strategy)


def _seen(record: Recorder) -> Iterator[tuple[Said, tuple[tuple[str, int], ...]]]:
    held: dict[str, dict[str, int]] = {}
    shown: dict[str, tuple[tuple[str, int], ...]] = {}
    spoken: dict[tuple[str, str, int], int] = {}
    for _, _, event in record.entries:
        if isinstance(event, Intent):
            about = (event.strategy, event.symbol, event.at_us)
            spoken[about] = spoken.get(about, 0) + 1
            yield (*about, spoken[about]), shown.get(event.strategy, ())
        elif isinstance(event, (Fill, Adjustment)):
            book = held.setdefault(event.strategy, {})
            change = event.quantity if isinstance(event, Fill) else event.quantity_after - event.quantity_before
            book[event.symbol] = book.get(event.symbol, 0) + change
            if not book[event.symbol]:
                del book[event.symbol]
            shown[event.strategy] = tuple(sorted(book.items()))
