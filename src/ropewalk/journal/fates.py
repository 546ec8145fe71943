"""Fates: what became of each intent in two runs, and which fills are others because of which decisions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from ropewalk.events import Decision, Fill, Intent
from ropewalk.journal.words import moment, money, price

if TYPE_CHECKING:
    from ropewalk.collectors.recorder import Recorder

Said = tuple[str, str, int, int]
"""An intent as it is known in two runs: strategy, symbol, time, and the how-manieth of these it is."""

Why = Literal["decision", "price", "intent"]


class Fate(NamedTuple):
    """The decision on an intent, and its fills, with their numbers; one that crossed in part has two."""

    decision: tuple[int, Decision] | None = None
    fills: tuple[tuple[int, Fill], ...] = ()

    @property
    def number(self) -> int | None:
        """The number of the last fill; None where nothing was executed."""
        return self.fills[-1][0] if self.fills else None

    @property
    def executed(self) -> tuple[tuple[int, ...], ...]:
        """When, how many, at what price and costs; what that earned depends on earlier fills, too."""
        return tuple(
            (
                *(fill.at_us, fill.quantity, fill.is_crossed),
                *(fill.price_micros, fill.commission_micros, fill.slippage_micros),
            )
            for _, fill in self.fills
        )


class ChangedFill(msgspec.Struct, frozen=True, kw_only=True):
    """
    A fill that is not as it was, with what crossed of the same order.

    `fill` and `decision` are numbers, before and after, None where there is none. `why` is `decision` where the
    decision is another, `price` where it is the same and execution or costs are not, `intent` where only one of the
    runs has the intent. `after_fill` is the strategy's changed fill before this one, where the decision is another only
    because the strategy by then had other capital or positions. `told` says it all in words.
    """

    strategy: str
    symbol: str
    at_us: int
    why: Why
    fill: tuple[int | None, int | None]
    decision: tuple[int | None, int | None]
    after_fill: int | None
    told: str


def fates_of(record: Recorder) -> dict[Said, Fate]:
    """Find what became of every intent, in their order."""
    spoken: dict[tuple[str, str, int], int] = {}
    said_as: dict[int, Said] = {}
    decided: dict[int, Said] = {}
    found: dict[Said, Fate] = {}
    for number, cause, event in record.entries:
        if isinstance(event, Intent):
            about = (event.strategy, event.symbol, event.at_us)
            spoken[about] = spoken.get(about, 0) + 1
            said = said_as[number] = (*about, spoken[about])
            found[said] = Fate()
        elif isinstance(event, Decision) and cause in said_as:
            said = decided[number] = said_as[cause]
            found[said] = Fate((number, event))
        elif isinstance(event, Fill) and cause in decided:
            said = decided[cause]
            found[said] = found[said]._replace(fills=(*found[said].fills, (number, event)))
    return found


def changed_fills(recorded: Recorder, now: Recorder) -> tuple[ChangedFill, ...]:
    """List the fills that are others in two runs, in the order of their intents, each traced to its decision."""
    before, after = fates_of(recorded), fates_of(now)
    found = []
    last: dict[str, int] = {}
    for said in sorted({**before, **after}, key=lambda one: (one[2], *(one[:2]), one[3])):
        was, has = before.get(said, Fate()), after.get(said, Fate())
        if was.executed == has.executed:
            continue
        why = _why(was, has)
        strategy = said[0]
        earlier = last.get(strategy) if why == "decision" and not _is_direct(was, has) else None
        last[strategy] = has.number or was.number or 0
        found.append(
            ChangedFill(
                strategy=strategy,
                symbol=said[1],
                at_us=said[2],
                why=why,
                fill=(was.number, has.number),
                decision=(_number(was.decision), _number(has.decision)),
                after_fill=earlier,
                told=_told(said, was, has, why, earlier),
            )
        )
    return tuple(found)


def _number(one: tuple[int, object] | None) -> int | None:
    return None if one is None else one[0]


def _why(was: Fate, has: Fate) -> Why:
    if was.decision is None or has.decision is None:
        return "intent"
    return "price" if was.decision[1] == has.decision[1] else "decision"


def _is_direct(was: Fate, has: Fate) -> bool:
    """Tell a decision that came out otherwise by its rule from one whose strategy merely stood otherwise."""
    if was.decision is None or has.decision is None:
        return True
    one, other = was.decision[1], has.decision[1]
    return (one.verdict, one.reason) != (other.verdict, other.reason) and one.asked_micros == other.asked_micros


def _told(said: Said, was: Fate, has: Fate, why: Why, earlier: int | None) -> str:
    strategy, symbol, at_us, _ = said
    because = {
        "intent": "it was said in one of the runs only",
        "price": "the decision is the same, the price or the costs are not",
        "decision": f"the decision was {_decided(was)}, is {_decided(has)}",
    }[why]
    since = "" if earlier is None else f", since its fill {earlier} is another"
    return f"{moment(at_us)} {strategy} {symbol}: {_filled(was)} → {_filled(has)}; {because}{since}"


def _filled(fate: Fate) -> str:
    told = (f"{one.quantity:+,}{' crossed' * one.is_crossed} at {price(one.price_micros)}" for _, one in fate.fills)
    return " and ".join(told) or "no fill"


def _decided(fate: Fate) -> str:
    if fate.decision is None:
        return "none"
    number, one = fate.decision
    rule = "" if one.reason == "in_full" else f" ({one.reason})"
    closes = f", closes {abs(one.close_quantity):,}" if one.close_quantity else ""
    return f"{number}: {one.verdict} {money(one.granted_micros)} of {money(one.asked_micros)}{closes}{rule}"
