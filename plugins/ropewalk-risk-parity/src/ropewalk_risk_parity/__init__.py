"""
Risk parity: capital shared so that every strategy brings the same risk, judged by its latest returns most of all.

What ropewalk ships counts all returns of its window alike. Here an older return counts less, by half every `half_life`
instants, so that shares follow a market that changes; and no strategy gets more than `most`, so that one which hardly
moves cannot take everything.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from ropewalk import Settings, exact_shares
from ropewalk_risk_parity.parity import balanced, covariances

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ropewalk import Member

ropewalk_api = 1
"""The version of ropewalk's plug-in API that this is written for."""


class RiskParitySettings(Settings):
    """
    What a run file may set.

    `every` says how often capital is shared out anew, `lookback` how many returns are looked at, `half_life` after how
    many instants a return counts half. `most` is the largest part of all weights that one strategy may get.
    """

    every: Literal["week", "month", "quarter"] = "month"
    lookback: Annotated[int, Field(ge=5, le=10_000)] = 126
    half_life: Annotated[float, Field(gt=0)] = 42.0
    most: Annotated[float, Field(gt=0, le=1)] = 1.0


class RiskParity:
    """Equal contributions to risk; what `most` cuts off goes to the others, in proportion to what they have."""

    name = "risk-parity"
    version = "1"

    def __init__(self, settings: RiskParitySettings | None = None) -> None:
        self.settings = asked = settings or RiskParitySettings()
        self.every = asked.every
        self.lookback = asked.lookback

    def targets(self, members: Sequence[Member]) -> Mapping[str, Fraction] | None:
        """Answer with a share for each; None, which changes nothing, until all have returns enough."""
        if any(len(member.returns_billionths) < self.lookback for member in members):
            return None
        half_life = self.settings.half_life
        # Whoever did not move, or so long ago that it counts nothing, brings no risk that could be made equal.
        moving = [member for member in members if covariances([member.returns], half_life)[0][0] > 0]
        if not moving:
            return None
        whole = sum((member.weight for member in moving), start=Fraction(0))
        loads = balanced(covariances([member.returns for member in moving], half_life))
        shares = exact_shares({one.strategy: load for one, load in zip(moving, loads, strict=True)}, whole)
        shares = within(shares, most=whole * Fraction(str(self.settings.most)))
        return {member.strategy: shares.get(member.strategy, member.weight) for member in members}


def within(shares: Mapping[str, Fraction], *, most: Fraction) -> dict[str, Fraction]:
    """
    Let no share be more than `most`, and give what is cut to the others; what finds no room is given to nobody.

    >>> shares = within({"a": Fraction(8, 10), "b": Fraction(1, 10), "c": Fraction(1, 10)}, most=Fraction(1, 2))
    >>> [str(share) for share in shares.values()]
    ['1/2', '1/4', '1/4']
    """
    given = dict(shares)
    full: dict[str, Fraction] = {}
    left = sum(given.values(), start=Fraction(0))
    while over := {name: most for name, share in given.items() if share > most}:
        full |= over
        left -= most * len(over)
        rest = {name: share for name, share in given.items() if name not in over}
        total = sum(rest.values(), start=Fraction(0))
        given = {name: share * left / total for name, share in rest.items()} if total else rest
    return {name: full.get(name, given.get(name, Fraction(0))) for name in shares}
