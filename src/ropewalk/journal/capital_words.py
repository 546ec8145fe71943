"""Capital in words: rebalances, what of them moved, and suspensions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ropewalk.events import Reallocation, Rebalance, Suspension
from ropewalk.journal.words import listed, money

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ropewalk.events import Period

    Lots = Callable[[str, int], str]

ASKED: dict[Period, str] = {
    "instant": "which is asked at every instant",
    "week": "a week having ended",
    "month": "a month having ended",
    "quarter": "a quarter having ended",
}
"""Why a rebalancer was asked."""


def told_rebalance(rebalance: Rebalance, _: Lots) -> Iterator[str]:
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


def told_reallocation(reallocation: Reallocation, _: Lots) -> Iterator[str]:
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


def told_suspension(suspension: Suspension, _: Lots) -> Iterator[str]:
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


CAPITAL_SENTENCES: dict[type, Callable[[Any, Lots], Iterator[str]]] = {
    Rebalance: told_rebalance,
    Reallocation: told_reallocation,
    Suspension: told_suspension,
}
"""How each of these is told; see `sentences.SENTENCES`."""
