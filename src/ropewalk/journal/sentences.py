"""Sentences: what an event says by itself, without the records around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ropewalk.arbiter.policy_words import told_policy
from ropewalk.events import (
    Adjustment,
    Conflict,
    DataEnded,
    Dividend,
    Fault,
    Lapse,
    Payment,
    Reallocation,
    Rebalance,
    Split,
    Suspension,
)
from ropewalk.journal.words import FAULTS, LAPSES, LIMITED, listed, money, price

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ropewalk.events import ConflictKind, Period

    Lots = Callable[[str, int], str]


MET: dict[ConflictKind, str] = {
    "crowded": " at once, all on one side",
    "opposed": " at once, on both sides",
    "entry_against_exit": " at once, one side to open and the other to close",
    "against_position": " against what is held",
}
"""How strategies met."""

ASKED: dict[Period, str] = {
    "instant": "which is asked at every instant",
    "week": "a week having ended",
    "month": "a month having ended",
    "quarter": "a quarter having ended",
}
"""Why a rebalancer was asked."""


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


def _rebalance(rebalance: Rebalance, _: Lots) -> Iterator[str]:
    """Tell who has too much and who too little."""
    whole = rebalance.managed_micros
    yield f"capital was to be shared anew by {rebalance.rebalancer}, {ASKED[rebalance.every]}"
    owners = [*zip(rebalance.strategies, rebalance.equity_micros, rebalance.target_micros, strict=True)]
    if rebalance.pool_micros or rebalance.pool_target_micros:
        owners.append(("the pool", rebalance.pool_micros, rebalance.pool_target_micros))
    for name, equity, target in owners:
        due = target - equity
        what = f"is due {money(due)}" if due > 0 else f"has {money(-due)} to give" if due else "is where it is to be"
        had = "holds" if name == "the pool" else "was worth"
        before, after = (f"{micros / whole:.2%}" for micros in (equity, target))
        yield f"{name} {had} {money(equity)}, {before} of all: it is to have {after} and {what}"


def _reallocation(reallocation: Reallocation, _: Lots) -> Iterator[str]:
    """Tell who gave and who took."""
    moves = [*zip(reallocation.strategies, reallocation.moved_micros, strict=True)]
    moves.append(("the pool", reallocation.pool_moved_micros))
    given = [f"{money(-micros)} of {name}" for name, micros in moves if micros < 0]
    taken = [f"{money(micros)} to {name}" for name, micros in moves if micros > 0]
    yield f"of the rebalance could be paid now: {listed(given)} went, {listed(taken)}"
    worth = zip(reallocation.strategies, reallocation.equity_micros, reallocation.moved_micros, strict=True)
    for name, equity, moved in worth:
        if moved:
            yield f"{name} was worth {money(equity)} before and {money(equity + moved)} after"


def _suspension(suspension: Suspension, _: Lots) -> Iterator[str]:
    """Tell who goes on paper, or comes back, and why."""
    strategy = suspension.strategy
    if suspension.action == "resume":
        yield f"{strategy} was suspended no longer: its {suspension.by} had ended"
        yield "what it wants to open is judged as before"
        return
    yield f"{strategy} was suspended by {suspension.by}"
    if suspension.by == "drawdown" and suspension.peak_micros > 0:
        peak, equity = suspension.peak_micros, suspension.equity_micros
        fall = (peak - equity) / peak
        yield f"its equity of {money(equity)} was {fall:.2%} below its highest, {money(peak)}"
    yield "it goes on thinking on paper: what it wants to open is recorded and refused, what closes passes"


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
    Rebalance: _rebalance,
    Reallocation: _reallocation,
    Suspension: _suspension,
}
"""How each of these is told, given how a number of lots of a symbol is shown."""
