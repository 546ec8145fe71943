"""The limits of a run beside the allocations: what was set, how close the books came, and how often each bound."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ropewalk.collectors.limits_set import limits_set
from ropewalk.collectors.tables import AGGREGATE
from ropewalk.reasons import COUNTED
from ropewalk.reports.page.figures import NO_VALUE, count, moment, money, percent

if TYPE_CHECKING:
    from ropewalk.collectors.limit_use import LimitUse
    from ropewalk.collectors.limits_set import SetLimit
    from ropewalk.reasons import Reason
    from ropewalk.reports.page.subject import Subject

NAMES: dict[Reason, str] = {
    "symbol_share": "share of a symbol",
    "strategy_positions": "positions",
    "drawdown": "drawdown",
    "gross_exposure": "gross exposure",
    "net_exposure": "net exposure",
    "symbol_exposure": "exposure to a symbol",
    "group_exposure": "exposure to a group",
    "leverage": "leverage",
    "account_positions": "positions",
    "cash_reserve": "cash reserve",
}


class Limit(NamedTuple):
    """
    One limit as a page shows it: whose it is, what was set, the closest that the books came, how often and where first
    it bound.

    `highest` is the largest part of it in use at a close; None, with `why`, where there is none. `over` counts closes
    beyond it.
    """

    whose: str
    name: str
    set_to: str
    highest: float | None
    why: str
    used: str
    at: str
    over: str
    bound: int
    first: int


def further_limits(subject: Subject) -> list[Limit]:
    """List all limits that were set, beside the allocations."""
    told = subject.settings.get("limits") or {}
    limits = limits_set(told, strategies=subject.started.strategies)
    uses = [None] * len(limits) if subject.result is None else list(subject.result.limit_use())
    known = zip(limits, uses, strict=True)
    shipped = [_limit(subject, limit, use) for limit, use in known if limit.name != "allocation"]
    return [*shipped, *(_own_limit(subject, name) for name in told.get("own", {}))]


def allocation_use(subject: Subject) -> dict[str, float | None]:
    """Say how much of its allocation each strategy had in use at most at a close; nothing where there are no curves."""
    uses = () if subject.result is None else subject.result.limit_use()
    return {use.owner: use.utilisation for use in uses if use.limit == "allocation"}


def _limit(subject: Subject, limit: SetLimit, use: LimitUse | None) -> Limit:
    bound = [entry.number for entry in subject.record.decisions if limit.is_shown_by(entry.event)]
    setting = float(limit.setting)
    show = count if limit.name in COUNTED else money
    in_use = use is not None and use.used is not None and use.allowed is not None and use.at_us is not None
    return Limit(
        whose="account" if limit.owner == AGGREGATE else limit.owner,
        name=_name(limit, use),
        set_to=count(setting) if limit.name in COUNTED else percent(setting),
        highest=None if use is None else use.utilisation,
        why="there are no curves" if use is None else use.missing.get("utilisation", ""),
        used=f"{show(use.used)} of {show(use.allowed)}" if in_use else NO_VALUE,  # type: ignore[union-attr,arg-type]
        at=moment(use.at_us) if in_use else NO_VALUE,  # type: ignore[union-attr,arg-type]
        over=NO_VALUE if use is None else count(use.closes_over),
        bound=len(bound),
        first=min(bound, default=0),
    )


def _own_limit(subject: Subject, name: str) -> Limit:
    """Show a limit of one's own: what it allows is known only where it is asked."""
    bound = [
        entry.number
        for entry in subject.record.decisions
        if (entry.event.reason, entry.event.group) == ("own_limit", name)
    ]
    return Limit(
        whose="account",
        name=f"{name}, of one's own",
        set_to="by its own rule",
        highest=None,
        why="it is asked about entries, and not at the closes",
        used=NO_VALUE,
        at=NO_VALUE,
        over=NO_VALUE,
        bound=len(bound),
        first=min(bound, default=0),
    )


def _name(limit: SetLimit, use: LimitUse | None) -> str:
    if limit.name == "group_exposure":
        return f"exposure to {limit.scope} ({', '.join(limit.symbols)})"
    if limit.symbols:
        return f"exposure to {limit.scope}"
    closest = f", closest in {use.scope}" if use is not None and use.scope else ""
    return NAMES[limit.name] + closest
