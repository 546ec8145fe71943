"""The decisions of a page, as columns: who asked for what, what became of it, and why."""

from __future__ import annotations

from fractions import Fraction
from math import prod
from typing import TYPE_CHECKING, Any, get_args

from ropewalk.events import Split, Verdict
from ropewalk.money import MICROS
from ropewalk.reasons import Reason
from ropewalk.reports.terminal import REASONS

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from ropewalk.collectors.recorder import Entry
    from ropewalk.events import Decision, Fill
    from ropewalk.reports.page.packing import Pack
    from ropewalk.reports.page.subject import Chains, Subject

ROWS_MAX = 25_000
TOLD_MAX = 12_000
"""So many decisions are explained on the page; `ropewalk explain` explains all."""
VERDICTS: tuple[str, ...] = get_args(Verdict)
REASON_NAMES: tuple[Reason, ...] = get_args(Reason)
RESTS, FILLED, LAPSED, NOTHING = range(4)
"""What became of a decision, or of what its fills left: it still rests, was filled, lapsed, or had been refused."""


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
    fills = _fills_of(subject)
    lapsed = {entry.cause for entry in subject.record.lapses}
    parts = [[one.event for one in fills.get(entry.number, ())] for entry in entries]
    splits = [one.event for one in subject.record.actions if isinstance(one.event, Split)]
    ratios = [_ratios(own, splits) for own in parts]
    filled = [sum(fill.quantity * by for fill, by in zip(*one, strict=True)) for one in zip(parts, ratios, strict=True)]
    traded = [sum(fill.quantity * fill.price_micros for fill in own) for own in parts]
    prices = [float(value / lots) / MICROS if lots else 0 for value, lots in zip(traded, filled, strict=True)]
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
        "end": pack.column([subject.ends.get(entry.number, entry.number) for entry in entries], "i4"),
        "outcome": pack.column(
            [_outcome(entry, own, lapsed) for entry, own in zip(entries, parts, strict=True)],
            "u1",
        ),
        "fills": pack.column([len(own) for own in parts], "u2"),
        "filled": pack.column([float(lots) for lots in filled], "f8"),
        "split": pack.column([any(by != 1 for by in own) for own in ratios], "u1"),
        "price": pack.column(prices, "f8"),
        "conflict": pack.column([met.get(entry.cause, -1) + 1 for entry in entries], "i4"),
    }


def _fills_of(subject: Subject) -> dict[int, list[Entry[Fill]]]:
    """All fills by the decision that granted them: a fill model, or netting, fills an order in parts."""
    found: dict[int, list[Entry[Fill]]] = {}
    for entry in subject.record.fills:
        found.setdefault(entry.cause, []).append(entry)
    return found


def _ratios(fills: Sequence[Fill], splits: Sequence[Split]) -> list[Fraction | int]:
    """Say for each fill of an order how many shares, as they were at its last fill, one of its shares became."""
    return [
        prod(
            Fraction(split.numerator, split.denominator)
            for split in splits
            if split.symbol == fill.symbol and fill.at_us < split.at_us <= fills[-1].at_us
        )
        for fill in fills
    ]


def _outcome(entry: Entry[Decision], fills: Sequence[Fill], lapsed: Container[int]) -> int:
    if entry.number in lapsed:
        return LAPSED
    if fills and not fills[-1].remaining_quantity:
        return FILLED
    return NOTHING if entry.event.verdict == "refused" else RESTS


def explained(subject: Subject) -> tuple[Chains, int]:
    """
    Explain what became of the decisions, of too many the weightiest; returns how many have no explanation here.

    Fills before an order's last one are explained, too, as far as there is room for them.
    """
    entries = shown(subject.record.decisions, TOLD_MAX)
    numbers = dict.fromkeys(subject.ends.get(entry.number, entry.number) for entry in entries)
    fills = _fills_of(subject)
    parts = [fill.number for entry in entries for fill in fills.get(entry.number, ()) if fill.number not in numbers]
    numbers |= dict.fromkeys(parts[: max(TOLD_MAX - len(numbers), 0)])
    return subject.explain(sorted(numbers)), len(subject.record.decisions) - len(entries)
