"""The decisions of a page, as columns: who asked for what, what became of it, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from ropewalk.events import Fill, Lapse, Verdict
from ropewalk.money import MICROS
from ropewalk.reasons import Reason
from ropewalk.reports.terminal import REASONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ropewalk.collectors.recorder import Entry
    from ropewalk.events import Decision
    from ropewalk.reports.page.packing import Pack
    from ropewalk.reports.page.subject import Chains, Subject

ROWS_MAX = 25_000
TOLD_MAX = 12_000
"""So many decisions are explained on the page; `ropewalk explain` explains all."""
VERDICTS: tuple[str, ...] = get_args(Verdict)
REASON_NAMES: tuple[Reason, ...] = get_args(Reason)
RESTS, FILLED, LAPSED, NOTHING = range(4)
"""What became of a decision: it still rests, was filled, lapsed, or had been refused."""


def shown(entries: Sequence[Entry[Decision]], rows_max: int) -> list[Entry[Decision]]:
    """Choose decisions when there are too many: those that were not granted in full, then the largest."""
    if len(entries) <= rows_max:
        return list(entries)
    weighty = sorted(entries, key=lambda one: (one.event.verdict == "granted", -one.event.asked_micros, one.number))
    return sorted(weighty[:rows_max], key=lambda one: one.number)


def told_reason(reason: Reason) -> str:
    """Put the reason of a decision into words, as the terminal does."""
    return REASONS.get(reason, "granted in full")


def decisions(subject: Subject, pack: Pack) -> dict[str, Any]:
    """Pack the decisions; `told` is the record whose explanation is on the page."""
    entries = shown(subject.record.decisions, ROWS_MAX)
    events: dict[int, Fill | Lapse] = {entry.number: entry.event for entry in subject.record.fills}
    events |= {entry.number: entry.event for entry in subject.record.lapses}
    ends = [subject.ends.get(entry.number, entry.number) for entry in entries]
    fills = [end if isinstance(end := events.get(number), Fill) else None for number in ends]
    met = {intent: seat for seat, one in enumerate(subject.record.conflicts) for intent in one.event.intents}
    symbols = list(dict.fromkeys(entry.event.symbol for entry in entries))
    seats = {name: seat for seat, name in enumerate(subject.started.strategies)}
    places = {symbol: place for place, symbol in enumerate(symbols)}
    decided = [entry.event for entry in entries]
    return {
        "made": len(subject.record.decisions),
        "symbols": symbols,
        "verdicts": VERDICTS,
        "reasons": [told_reason(name) for name in REASON_NAMES],
        "number": pack.column([entry.number for entry in entries], "i4"),
        "at": pack.column([one.at_us / 1_000 for one in decided], "f8"),
        "strategy": pack.column([seats[one.strategy] for one in decided], "u2"),
        "symbol": pack.column([places[one.symbol] for one in decided], "u2"),
        "side": pack.column([one.side > 0 for one in decided], "u1"),
        "verdict": pack.column([VERDICTS.index(one.verdict) for one in decided], "u1"),
        "reason": pack.column([REASON_NAMES.index(one.reason) for one in decided], "u1"),
        "asked": pack.column([one.asked_micros / MICROS for one in decided], "f8"),
        "granted": pack.column([one.granted_micros / MICROS for one in decided], "f8"),
        "closes": pack.column([abs(one.close_quantity) for one in decided], "f8"),
        "end": pack.column(ends, "i4"),
        "outcome": pack.column([_outcome(one, events.get(end)) for one, end in zip(decided, ends, strict=True)], "u1"),
        "filled": pack.column([0 if fill is None else fill.quantity for fill in fills], "f8"),
        "price": pack.column([0 if fill is None else fill.price_micros / MICROS for fill in fills], "f8"),
        "conflict": pack.column([met.get(entry.cause, -1) + 1 for entry in entries], "i4"),
    }


def _outcome(decision: Decision, end: Fill | Lapse | None) -> int:
    if end is not None:
        return FILLED if isinstance(end, Fill) else LAPSED
    return NOTHING if decision.verdict == "refused" else RESTS


def explained(subject: Subject) -> tuple[Chains, int]:
    """Explain what became of the decisions, of too many the weightiest; returns how many have no explanation here."""
    entries = shown(subject.record.decisions, TOLD_MAX)
    numbers = sorted(dict.fromkeys(subject.ends.get(entry.number, entry.number) for entry in entries))
    return subject.explain(numbers), len(subject.record.decisions) - len(entries)
