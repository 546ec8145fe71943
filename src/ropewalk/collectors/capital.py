"""Capital: what strategies asked for, what they were granted, what was refused, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from ropewalk.collectors.figures import Figures, Is, Rows
from ropewalk.collectors.tables import AGGREGATE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ropewalk.events import Decision

NO_DECISION = "nothing was wanted, so nothing was decided"


class CapitalByReason(Figures, frozen=True, kw_only=True):
    """
    The decisions on one strategy's intents that came out with one verdict for one reason.

    `asked_micros = granted_micros + refused_micros`. Exits ask for no capital and count as decisions only.
    """

    strategy: str
    verdict: str
    reason: str
    decisions: Annotated[int, Is("count", "decisions", "how many came out so")]
    asked_micros: Annotated[int, Is("micros", "Σ asked", "capital asked for")]
    granted_micros: Annotated[int, Is("micros", "Σ granted", "capital granted")]
    refused_micros: Annotated[int, Is("micros", "Σ (asked − granted)", "capital not granted")]


class Capital(Figures, frozen=True, kw_only=True):
    """All decisions on one strategy's intents, or on all, and the capital they were about."""

    strategy: str
    granted: Annotated[int, Is("count", "decisions granted", "intents that got all they asked")]
    trimmed: Annotated[int, Is("count", "decisions trimmed", "intents that got a part")]
    refused: Annotated[int, Is("count", "decisions refused", "intents that got nothing")]
    asked_micros: Annotated[int, Is("micros", "Σ asked", "capital asked for")]
    granted_micros: Annotated[int, Is("micros", "Σ granted", "capital granted")]
    refused_micros: Annotated[int, Is("micros", "Σ (asked − granted)", "capital not granted")]
    granted_fraction: Annotated[
        float | None, Is("fraction", "Σ granted/Σ asked", "how much of what was asked was granted", "nothing was asked")
    ]


def capital_by_reason(decisions: Iterable[Decision], *, strategies: Sequence[str]) -> Rows[CapitalByReason]:
    """Sum decisions up by strategy, verdict and reason: in the strategies' order, the largest refusal first."""
    groups: dict[tuple[str, str, str], list[Decision]] = {}
    for one in decisions:
        groups.setdefault((one.strategy, one.verdict, one.reason), []).append(one)
    rows = []
    for (strategy, verdict, reason), own in groups.items():
        asked, granted = _sums(own)
        row = CapitalByReason(
            strategy=strategy,
            verdict=verdict,
            reason=reason,
            decisions=len(own),
            asked_micros=asked,
            granted_micros=granted,
            refused_micros=asked - granted,
        )
        rows.append(row)
    seats = {strategy: seat for seat, strategy in enumerate(strategies)}
    rows.sort(key=lambda row: (seats[row.strategy], -row.refused_micros, -row.decisions, row.verdict, row.reason))
    return Rows(CapitalByReason, rows, missing=NO_DECISION)


def capital(decisions: Sequence[Decision], *, strategies: Sequence[str]) -> Rows[Capital]:
    """Sum decisions up by strategy, in their order; the last row, `aggregate`, is the sum of the others."""
    rows = [_capital(strategy, [one for one in decisions if one.strategy == strategy]) for strategy in strategies]
    return Rows(Capital, [*rows, _capital(AGGREGATE, decisions)])


def _capital(strategy: str, decisions: Sequence[Decision]) -> Capital:
    asked, granted = _sums(decisions)
    verdicts = [one.verdict for one in decisions]
    return Capital(
        strategy=strategy,
        granted=verdicts.count("granted"),
        trimmed=verdicts.count("trimmed"),
        refused=verdicts.count("refused"),
        asked_micros=asked,
        granted_micros=granted,
        refused_micros=asked - granted,
        granted_fraction=granted / asked if asked else None,
    )


def _sums(decisions: Iterable[Decision]) -> tuple[int, int]:
    asked = granted = 0
    for one in decisions:
        asked += one.asked_micros
        granted += one.granted_micros
    return asked, granted
