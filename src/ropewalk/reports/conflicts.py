"""The conflicts of a run, told so that somebody who never heard of them understands what happened."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from ropewalk.arbiter.policy_words import told_policy
from ropewalk.collectors.conflict_pairs import meetings
from ropewalk.money import currency
from ropewalk.reasons import SHARED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from ropewalk.collectors.result import OrchestratorResult
    from ropewalk.events import Conflict, ConflictKind

PAIRS_MAX = 5
LARGEST_MAX = 3

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
    yield _pairs(found, result.started.strategies)
    yield _largest(found)


def _settled_by(conflict: Conflict) -> str:
    told = told_policy(conflict.policy, version=conflict.version) or "a policy of your own"
    rule = escape(conflict.policy) + (f" ({escape(conflict.parameters)})" if conflict.parameters else "")
    return f"settled by policy [bold]{rule}[/]: {escape(told)}"


def _pairs(found: tuple[Conflict, ...], strategies: Sequence[str]) -> Table:
    """Count the conflicts in which two strategies met; one of three strategies counts for each of its pairs."""
    pairs = meetings(found, strategies=strategies)
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    table.add_column("who met")
    for title in ("conflicts", "opposite sides", "same side"):
        table.add_column(title, justify="right")
    table.add_column("most often over")
    for pair, met in sorted(pairs.items(), key=lambda item: -item[1].conflicts)[:PAIRS_MAX]:
        counts = (met.conflicts, met.opposed, met.conflicts - met.opposed)
        table.add_row(" and ".join(pair), *map("{:,}".format, counts), escape(met.often))
    if len(pairs) > PAIRS_MAX:
        more = len(pairs) - PAIRS_MAX
        table.add_row(f"… and {more} other pair{'' if more == 1 else 's'}")
    return table


def _largest(found: tuple[Conflict, ...]) -> Table:
    """List the conflicts in which most capital was asked for, the earlier first among equals."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    table.add_column("the largest" if len(found) > 1 else "it was", no_wrap=True)
    table.add_column("")
    for one in sorted(found, key=lambda one: -sum(one.asked_micros))[:LARGEST_MAX]:
        when = f"{one.timestamp:%Y-%m-%d %H:%M}".removesuffix(" 00:00")
        table.add_row(f"{when} {escape(one.symbol)}", _wishes(one))
    return table


def _wishes(conflict: Conflict) -> str:
    wishes = []
    for seat, strategy in enumerate(conflict.strategies):
        side = "buy" if conflict.sides[seat] > 0 else "sell"
        lots, micros = abs(conflict.asked_close[seat]), conflict.asked_micros[seat]
        closing = [f"{lots:,} held"] if lots else []
        opening = [f"for {currency(micros):,.2f}"] if micros else []
        wishes.append(f"{strategy} wanted to {side} {' and '.join(closing + opening)}")
    wishes += [f"{name} held {lots:,}" for name, lots in zip(conflict.holders, conflict.held, strict=True)]
    return ", ".join(wishes)
