"""The limit of capital that every strategy has: how close each came to it, and when; and why decisions came out so."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from ropewalk.reasons import LIMITS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ropewalk.collectors.recorder import Entry
    from ropewalk.events import Decision
    from ropewalk.reasons import Reason
    from ropewalk.reports.page.subject import Subject

OTHERS = LIMITS[1:]
CLOSE = 0.9
"""From this share of its limit on, an ask counts as close to it."""


class Approach(NamedTuple):
    """
    How close one strategy came to its limit of capital.

    `highest` is the largest share of the limit that was used or reserved after a decision, None where none was held
    against a limit; `number` and `at_us` are that decision's. `close` counts decisions at 90 % and above, `bound`
    those that got less because of it.
    """

    strategy: str
    measured: int
    highest: float | None
    number: int
    at_us: int
    limit_micros: int
    used_micros: int
    close: int
    bound: int


def approaches(subject: Subject) -> Iterator[Approach]:
    """Say for each strategy how close it came to its limit of capital."""
    for strategy in subject.started.strategies:
        own = [entry for entry in subject.record.decisions if entry.event.strategy == strategy]
        # Where another limit bound, a decision shows that one instead.
        held = [entry for entry in own if entry.event.limit_micros > 0 and entry.event.reason not in OTHERS]
        bound = sum(entry.event.reason == "allocation" for entry in own)
        if not held:
            yield Approach(strategy, 0, None, 0, 0, 0, 0, 0, bound)
            continue
        shares = [_share(entry) for entry in held]
        highest = max(shares)
        number, _, decision = held[shares.index(highest)]
        yield Approach(
            strategy,
            measured=len(held),
            highest=highest,
            number=number,
            at_us=decision.at_us,
            limit_micros=decision.limit_micros,
            used_micros=decision.used_micros + decision.reserved_micros,
            close=sum(share >= CLOSE for share in shares),
            bound=bound,
        )


def _share(entry: Entry[Decision]) -> float:
    decision = entry.event
    return (decision.used_micros + decision.reserved_micros) / decision.limit_micros


def reasons(subject: Subject) -> dict[tuple[str, Reason], Counter[str]]:
    """Count decisions by verdict and reason, and within these by strategy; the most frequent first."""
    found: dict[tuple[str, Reason], Counter[str]] = {}
    for _, _, decision in subject.record.decisions:
        found.setdefault((decision.verdict, decision.reason), Counter())[decision.strategy] += 1
    return dict(sorted(found.items(), key=lambda item: (-item[1].total(), item[0])))
