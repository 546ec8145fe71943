"""Rows: what the tables of a run's events hold, a tuple a row, in the order of `schema.TABLES`."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

from ropewalk.collectors.columns import POOL_NAME
from ropewalk.collectors.schema import TABLES
from ropewalk.collectors.trades import open_round_trips, round_trips
from ropewalk.events import (
    Adjustment,
    Decision,
    Fault,
    Fill,
    Intent,
    Lapse,
    Payment,
    Split,
    Suspension,
    Transfer,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ropewalk.collectors.frames import Frames

Rows = list[tuple[Any, ...]]

FIELDS = {
    "timestamp": "at_us",
    "opened_at": "opened_at_us",
    "closed_at": "closed_at_us",
    "amount_micros": "micros",
}
"""The columns whose fields have another name."""

RECORDED: dict[str, type] = {
    "intents": Intent,
    "decisions": Decision,
    "fills": Fill,
    "lapses": Lapse,
    "adjustments": Adjustment,
    "payments": Payment,
    "faults": Fault,
    "suspensions": Suspension,
}
"""The tables whose columns are the fields of an event."""


def _events(name: str) -> Callable[[Frames], Rows]:
    fields = _fields(name, ("number", "cause"))

    def rows(frames: Frames) -> Rows:
        kind = RECORDED[name]
        return [(*one[:2], *fields(one[2])) for one in frames.record.entries if one[2].__class__ is kind]

    return rows


def _fields(name: str, without: Sequence[str] = ()) -> Callable[[Any], tuple[Any, ...]]:
    return attrgetter(*(FIELDS.get(column, column) for column in TABLES[name].names if column not in without))


def _transfers(frames: Frames) -> Rows:
    return [
        (number, cause, one.at_us, one.giver or POOL_NAME, one.taker or POOL_NAME, one.micros)
        for number, cause, one in frames.record.entries
        if one.__class__ is Transfer
    ]


def _rebalances(frames: Frames) -> Rows:
    moved: dict[tuple[int, str], int] = {}
    for _, cause, one in frames.record.reallocations:
        for owner, micros in (*zip(one.strategies, one.moved_micros, strict=True), (POOL_NAME, one.pool_moved_micros)):
            moved[cause, owner] = moved.get((cause, owner), 0) + micros
    rows = []
    for number, cause, plan in frames.record.rebalances:
        owners = [*zip(plan.strategies, plan.equity_micros, plan.target_micros, strict=True)]
        if plan.pool_micros or plan.pool_target_micros:
            owners.append((POOL_NAME, plan.pool_micros, plan.pool_target_micros))
        whole = plan.managed_micros
        rows += [
            (
                *(number, cause, plan.at_us, plan.rebalancer, plan.version, plan.every),
                *(owner, equity, target, moved.get((number, owner), 0), equity / whole, target / whole),
            )
            for owner, equity, target in owners
        ]
    return rows


def _reallocations(frames: Frames) -> Rows:
    rows: Rows = []
    for number, cause, one in frames.record.reallocations:
        when = (number, cause, one.at_us)
        for owner, equity, micros in zip(one.strategies, one.equity_micros, one.moved_micros, strict=True):
            rows.append((*when, owner, equity, micros, equity + micros))
        if one.pool_moved_micros:
            rows.append((*when, POOL_NAME, None, one.pool_moved_micros, None))
    return rows


def _actions(frames: Frames) -> Rows:
    return [
        (number, cause, one.at_us, one.symbol, "split", one.numerator, one.denominator, None)
        if isinstance(one, Split)
        else (number, cause, one.at_us, one.symbol, "dividend", None, None, one.per_share_micros)
        for number, cause, one in frames.record.actions
    ]


def _conflicts(frames: Frames) -> Rows:
    return [
        (
            number,
            cause,
            one.at_us,
            one.symbol,
            one.kind,
            one.policy,
            one.version,
            one.parameters,
            ", ".join(dict.fromkeys(one.strategies)),
            ", ".join(one.holders),
            one.over_limit,
            len(one.intents),
            sum(one.asked_micros),
            sum(one.allowed_micros),
        )
        for number, cause, one in frames.record.conflicts
    ]


SIDES = ("sides", "asked_micros", "allowed_micros", "asked_close", "allowed_close")


def _conflict_sides(frames: Frames) -> Rows:
    parts = attrgetter(*SIDES)
    return [
        (number, intent, one.at_us, one.strategies[seat], one.symbol, one.kind, *(part[seat] for part in parts(one)))
        for number, _, one in frames.record.conflicts
        for seat, intent in enumerate(one.intents)
    ]


def _conflict_holders(frames: Frames) -> Rows:
    return [
        (number, one.at_us, holder, one.symbol, one.kind, lots)
        for number, _, one in frames.record.conflicts
        for holder, lots in zip(one.holders, one.held, strict=True)
    ]


def _moves(frames: Frames) -> tuple[Any, ...]:
    return frames.record.events(Fill, Adjustment)


def _round_trips(frames: Frames) -> Rows:
    return [*map(_fields("round_trips"), round_trips(_moves(frames)))]


def _open_round_trips(frames: Frames) -> Rows:
    return [*map(_fields("open_round_trips"), open_round_trips(_moves(frames)))]


def _costs(frames: Frames) -> Rows:
    return costs_of(frames.record.events(Fill), frames.started.strategies)


def costs_of(fills: Sequence[Fill], strategies: Sequence[str]) -> Rows:
    """Sum what fills cost by strategy and symbol: strategies in seat order, symbols by name."""
    sums: dict[tuple[str, str], list[int]] = {}
    for fill in fills:
        paid = (1, abs(fill.quantity * fill.price_micros), fill.commission_micros, fill.slippage_micros)
        so_far = sums.setdefault((fill.strategy, fill.symbol), [0, 0, 0, 0])
        so_far[:] = [before + more for before, more in zip(so_far, paid, strict=True)]
    seats = {strategy: seat for seat, strategy in enumerate(strategies)}
    ordered = sorted(sums.items(), key=lambda one: (seats[one[0][0]], one[0][1]))
    return [(*whose, *sums, sums[2] + sums[3]) for whose, sums in ordered]


def _strategies(frames: Frames) -> Rows:
    started = frames.started
    given = zip(started.strategies, started.allocated_micros, strict=True)
    return [(seat, strategy, micros) for seat, (strategy, micros) in enumerate(given)]


ROWS: dict[str, Callable[[Frames], Rows]] = {
    **{name: _events(name) for name in RECORDED},
    "strategies": _strategies,
    "conflicts": _conflicts,
    "conflict_sides": _conflict_sides,
    "conflict_holders": _conflict_holders,
    "round_trips": _round_trips,
    "open_round_trips": _open_round_trips,
    "costs": _costs,
    "transfers": _transfers,
    "rebalances": _rebalances,
    "reallocations": _reallocations,
    "actions": _actions,
}
"""What makes the rows of each table that needs no bars."""
