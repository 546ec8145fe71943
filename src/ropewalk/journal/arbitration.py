"""Arbitration on record: what a conflict and a decision may say, each by itself and one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ropewalk.reasons import COUNTED, SHARED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ropewalk.events import Conflict, Decision, Intent


def conflict_fault(conflict: Conflict, intents: Sequence[Intent]) -> str:
    """Say what is wrong within a conflict: entries that do not match, more allowed than asked, an exit held back."""
    entries = (
        *(conflict.strategies, conflict.sides, conflict.asked_micros, conflict.allowed_micros),
        *(conflict.asked_close, conflict.allowed_close),
    )
    if any(len(one) != len(intents) for one in entries) or len(conflict.held) != len(conflict.holders):
        return f"its tuples do not have one entry each for {len(intents)} intents and {len(conflict.holders)} holders"
    told = [(name, conflict.symbol) for name in conflict.strategies]
    if told != [(one.strategy, one.symbol) for one in intents]:
        return "its strategies and symbol are not those of its intents"
    if any(not 0 <= one <= asked for one, asked in zip(conflict.allowed_micros, conflict.asked_micros, strict=True)):
        return f"it allows {conflict.allowed_micros} of {conflict.asked_micros} micros"
    if conflict.allowed_close != conflict.asked_close:
        return f"it lets {conflict.allowed_close} lots close of {conflict.asked_close}; exits always pass"
    if len(dict.fromkeys(conflict.strategies)) == 1 and not conflict.holders:
        return "it has one strategy and nobody in its way"
    if conflict.over_limit is not None and (conflict.kind != "crowded" or conflict.over_limit not in SHARED):
        return f"it is {conflict.kind} and over {conflict.over_limit}; only a crowd is over a limit that all share"
    return ""


def policy_fault(decision: Decision, settled: tuple[int, int] | None) -> str:
    """Say what of a decision does not follow from its conflict: what was asked there and allowed; None without one."""
    asked, allowed = (decision.asked_micros, decision.asked_micros) if settled is None else settled
    if decision.reason == "suspended":
        # What is only on paper asks for nothing where others could feel it.
        in_the_way = 0 if settled is None else asked
        return f"it is suspended, and asks {in_the_way} micros in its conflict" if in_the_way else ""
    if decision.asked_micros != asked:
        return f"it asks {decision.asked_micros} micros, in its conflict {asked}"
    if decision.granted_micros > allowed:
        return f"it grants {decision.granted_micros} micros, the conflict's policy allowed {allowed}"
    if decision.reason == "policy" and allowed == asked:
        return "its reason is policy, and no policy allowed it less than it asked"
    if decision.reason == "in_full" and allowed < asked:
        return f"its reason is in_full, and the conflict's policy allowed {allowed} of {asked} micros"
    return ""


def limit_fault(decision: Decision) -> str:
    """Say what a decision shows of a limit that cannot be."""
    reason, limit, used = decision.reason, decision.limit_micros, decision.used_micros
    reserved = decision.reserved_micros
    if reserved and reserved > limit - used:
        return f"it reserves {reserved} micros where {reason} leaves {limit - used}"
    if (decision.limit_positions or decision.used_positions) and reason not in COUNTED:
        return f"it counts positions, and its reason is {reason}"
    if reason in COUNTED and decision.used_positions < decision.limit_positions:
        return f"{reason} bound at {decision.used_positions} of {decision.limit_positions} positions"
    if reason == "drawdown" and used < limit:
        return f"drawdown bound when {used} of {limit} micros were lost"
    if bool(decision.group) != (reason in ("group_exposure", "own_limit")):
        return f"it names the group {decision.group!r}, and its reason is {reason}"
    return ""
