"""The conflicts of a run, told so that somebody who never heard of them understands what happened."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from ropewalk.arbiter.policies import KINDS
from ropewalk.money import currency
from ropewalk.reasons import SHARED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from ropewalk.collectors.result import OrchestratorResult
    from ropewalk.events import Conflict, ConflictKind

PAIRS_MAX = 5

MEANINGS: dict[ConflictKind, str] = {
    "opposed": "one wants to buy what another wants to sell",
    "entry_against_exit": "one wants to open what another wants to close",
    "crowded": "all want the same side",
    "against_position": "one wants the opposite of what another holds",
}


def conflicts(result: OrchestratorResult) -> Iterator[RenderableType]:
    """Say what a conflict is, how many there were, how they were settled, and between whom."""
    found = result.conflicts
    if not found:
        yield "none: no two strategies wanted the same symbol at the same instant"
        return
    times = "once" if len(found) == 1 else f"{len(found):,} times"
    or_held = ", or one the opposite of what another held" if any(one.holders for one in found) else ""
    yield f"{times} two or more strategies wanted the same symbol at the same instant{or_held}"
    kinds = Counter(one.kind for one in found)
    yield from (f"{kinds[kind]:,} {kind}: {meaning}" for kind, meaning in MEANINGS.items() if kinds[kind])
    over = Counter(one.over_limit for one in found if one.over_limit is not None)
    yield from (f"{over[limit]:,} crowded together over {limit}" for limit in SHARED if over[limit])
    yield from dict.fromkeys(_settled_by(one) for one in found)
    asked = sum(sum(one.asked_micros) for one in found)
    allowed = sum(sum(one.allowed_micros) for one in found)
    yield f"capital asked for in conflicts: {currency(asked):,.2f}, allowed: {currency(allowed):,.2f}"
    refused = sum(one.refused_micros > 0 for one in found)
    if refused:
        yield f"in {refused:,} of them the policy refused capital: {currency(asked - allowed):,.2f} in all"
    yield f"the first: {_example(found[0])}"
    yield _pairs(found)


def _settled_by(conflict: Conflict) -> str:
    # A policy of one's own may bear the name of one that ships, but not its version.
    kind = KINDS.get(conflict.policy) if conflict.version else None
    told = (kind.__doc__ or "").strip().splitlines()[0] if kind is not None else "a policy of your own"
    rule = escape(conflict.policy) + (f" ({escape(conflict.parameters)})" if conflict.parameters else "")
    return f"settled by policy [bold]{rule}[/]: {escape(told[:1].lower() + told[1:].removesuffix('.'))}"


def _pairs(found: tuple[Conflict, ...]) -> Table:
    """Count the conflicts in which two strategies met; one of three strategies counts for each of its pairs."""
    pairs: Counter[tuple[str, str]] = Counter()
    opposed: Counter[tuple[str, str]] = Counter()
    symbols: dict[tuple[str, str], Counter[str]] = {}
    for one in found:
        names = list(dict.fromkeys((*one.strategies, *one.holders)))
        for seat, name in enumerate(names):
            for other in names[seat + 1 :]:
                pairs[name, other] += 1
                opposed[name, other] += _are_opposed(one, name, other)
                symbols.setdefault((name, other), Counter())[one.symbol] += 1
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    table.add_column("who met")
    for title in ("conflicts", "opposed", "crowded"):
        table.add_column(title, justify="right")
    table.add_column("most often over")
    for pair, times in pairs.most_common(PAIRS_MAX):
        often = ", ".join(f"{symbol} {count}" for symbol, count in symbols[pair].most_common(3))
        against = opposed[pair]
        table.add_row(" and ".join(pair), str(times), str(against), str(times - against), escape(often))
    if len(pairs) > PAIRS_MAX:
        table.add_row(f"… and {len(pairs) - PAIRS_MAX} other pairs")
    return table


def _are_opposed(conflict: Conflict, name: str, other: str) -> bool:
    sides: dict[str, list[int]] = {name: [], other: []}
    held = ((name, lots) for name, lots in zip(conflict.holders, conflict.held, strict=True))
    silent = [(name, lots // abs(lots)) for name, lots in held if name not in conflict.strategies]
    for strategy, side in [*zip(conflict.strategies, conflict.sides, strict=True), *silent]:
        if strategy in sides:
            sides[strategy].append(side)
    return any(side != its for side in sides[name] for its in sides[other])


def _example(conflict: Conflict) -> str:
    wishes = []
    for seat, strategy in enumerate(conflict.strategies):
        side = "buy" if conflict.sides[seat] > 0 else "sell"
        lots, micros = abs(conflict.asked_close[seat]), conflict.asked_micros[seat]
        closing = [f"{lots:,} held"] if lots else []
        opening = [f"for {currency(micros):,.2f}"] if micros else []
        wishes.append(f"{strategy} wanted to {side} {' and '.join(closing + opening)}")
    wishes += [f"{name} held {lots:,}" for name, lots in zip(conflict.holders, conflict.held, strict=True)]
    return f"{conflict.timestamp:%Y-%m-%d %H:%M} {escape(conflict.symbol)}: {', '.join(wishes)}".replace(" 00:00", "")
