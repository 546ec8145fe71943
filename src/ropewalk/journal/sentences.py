"""Sentences: what an event says by itself, without the records around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ropewalk.arbiter.policy_words import told_policy
from ropewalk.events import Adjustment, Conflict, DataEnded, Dividend, Fault, Lapse, Payment, Split
from ropewalk.journal.capital_words import CAPITAL_SENTENCES
from ropewalk.journal.words import FAULTS, LAPSES, LIMITED, listed, money, price

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ropewalk.events import ConflictKind

    Lots = Callable[[str, int], str]


MET: dict[ConflictKind, str] = {
    "crowded": " at once, all on one side",
    "opposed": " at once, on both sides",
    "entry_against_exit": " at once, one side to open and the other to close",
    "against_position": " against what is held",
}
"""How strategies met."""


def _conflict(conflict: Conflict, lots_of: Lots) -> Iterator[str]:
    names = listed(dict.fromkeys(conflict.strategies))
    rule = conflict.policy + (f" ({conflict.parameters})" if conflict.parameters else "")
    yield f"{names} wanted {conflict.symbol}{MET[conflict.kind]}: {conflict.kind}, settled by {rule}"
    if told := told_policy(conflict.policy, version=conflict.version):
        yield f"{conflict.policy} means to {told}"
    if conflict.over_limit == "account_positions":
        yield "together they wanted more positions than the account had left"
    elif conflict.over_limit is not None:
        yield f"together they wanted more than the limit on {LIMITED[conflict.over_limit]} left"
    if conflict.holders:
        held = [
            f"{name} holds {lots_of(conflict.symbol, lots)}"
            for name, lots in zip(conflict.holders, conflict.held, strict=True)
        ]
        yield f"on the other side, {listed(held)}"
    for strategy, side, asked, allowed, asked_close, allowed_close in zip(
        conflict.strategies,
        conflict.sides,
        conflict.asked_micros,
        conflict.allowed_micros,
        conflict.asked_close,
        conflict.allowed_close,
        strict=True,
    ):
        parts = []
        if asked:
            parts.append(f"was allowed {'all' if allowed == asked else money(allowed)} of {money(asked)}")
        if asked_close:
            allowed_lots = "all" if allowed_close == asked_close else f"{abs(allowed_close):,}"
            parts.append(f"could close {allowed_lots} of {lots_of(conflict.symbol, abs(asked_close))}")
        yield f"{strategy}, to {side_of(side)}, {' and '.join(parts) or 'asked for nothing'}"
    if conflict.refused_micros:
        yield f"the policy refused {money(conflict.refused_micros)} of the {money(sum(conflict.asked_micros))} asked"


def _lapse(lapse: Lapse, _: Lots) -> Iterator[str]:
    yield f"the order of {lapse.strategy} for {lapse.symbol} ended unfilled: {LAPSES[lapse.reason]}"
    if lapse.released_micros:
        yield f"the {money(lapse.released_micros)} that had been reserved came free"


def _split(split: Split, _: Lots) -> Iterator[str]:
    yield f"{split.symbol} was split, {split.numerator:,} for {split.denominator:,}"


def _dividend(dividend: Dividend, _: Lots) -> Iterator[str]:
    yield f"{dividend.symbol} paid {price(dividend.per_share_micros)} a share"


def _adjustment(change: Adjustment, lots_of: Lots) -> Iterator[str]:
    before, after = (lots_of(change.symbol, lots) for lots in (change.quantity_before, change.quantity_after))
    yield f"the split made {after} of the {before} of {change.strategy}"
    if change.cash_micros:
        earned = money(change.realised_micros, signed=True)
        yield f"the fraction that was left over became {money(change.cash_micros)} of cash: {earned} realised"


def _payment(payment: Payment, lots_of: Lots) -> Iterator[str]:
    did = "received" if payment.micros >= 0 else "paid"
    yield f"{payment.strategy} {did} {money(abs(payment.micros))} on {lots_of(payment.symbol, payment.quantity)}"


def _fault(fault: Fault, _: Lots) -> Iterator[str]:
    about = f" on {fault.symbol}" if fault.symbol else ""
    yield f"{fault.source} raised in {fault.callback}{about}: {fault.error}"
    yield FAULTS[fault.action]


def _data_ended(_ended: DataEnded, _: Lots) -> Iterator[str]:
    yield "the data ended: orders that rested lapsed, and strategies could close what they held"


def side_of(side: int) -> str:
    """Say a side as a verb."""
    return "buy" if side > 0 else "sell"


SENTENCES: dict[type, Callable[[Any, Lots], Iterator[str]]] = {
    Conflict: _conflict,
    Lapse: _lapse,
    Split: _split,
    Dividend: _dividend,
    Adjustment: _adjustment,
    Payment: _payment,
    Fault: _fault,
    DataEnded: _data_ended,
    **CAPITAL_SENTENCES,
}
"""How each of these is told, given how a number of lots of a symbol is shown."""
