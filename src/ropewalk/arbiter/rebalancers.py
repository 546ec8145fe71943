"""
Rebalancers: how the strategies' capital should be shared out among them, and when somebody should ask.

A rebalancer is one small class: a name, how often it is asked, and a pure function from the members to exact shares.
It moves nothing: what comes of its answer is the business of `rebalance.py` and the ledger.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, get_args, runtime_checkable

from ropewalk.arbiter.risk import equal_risk, inverse_volatility
from ropewalk.errors import PluginError, clipped, did_you_mean
from ropewalk.events import Period
from ropewalk.money import exact_text

if TYPE_CHECKING:
    from collections.abc import Sequence

EVERY: tuple[Period, ...] = get_args(Period)
"""How often a rebalancer is asked: at every instant, or at the first instant of a new period, in UTC."""

RETURNS_SCALE = 1_000_000_000
LOOKBACK_MAX = 100_000

Share = Fraction | Decimal | int
"""A share of capital that can be told exactly; `exact_shares` makes some of floats."""


class Member(NamedTuple):
    """
    One strategy, as a rebalancer sees it at the closes of the current instant.

    `weight` is the one that it was given, `share` what it has now, in the same measure: the shares of all sum to the
    weights of all, less what an earlier answer left in the pool. `drawdown` is how far its equity is below its
    highest, from 0 to 1 and beyond where it owes. `returns_billionths` are the last `lookback` returns from instant to
    instant, oldest first, net of capital that came or went, in billionths; there are fewer in the beginning.
    """

    strategy: str
    weight: Fraction
    share: Fraction
    equity_micros: int
    drawdown: Fraction
    returns_billionths: tuple[int, ...]
    is_suspended: bool

    @property
    def returns(self) -> tuple[float, ...]:
        """The returns as floats."""
        return tuple([one / RETURNS_SCALE for one in self.returns_billionths])


@runtime_checkable
class Rebalancer(Protocol):
    """
    Says how capital is to be shared, whenever it is asked.

    A `lookback`, the number of returns that it wants to see, may be there; without one there are none. With
    `needs_drawdowns = False` it sees none, which spares looking for them at every instant. A `version`, a text, goes on
    record where there is one.
    """

    @property
    def name(self) -> str:
        """The name that rebalances on record carry."""
        ...

    @property
    def every(self) -> Period:
        """How often it is asked: `instant`, `week`, `month` or `quarter`."""
        ...

    def targets(self, members: Sequence[Member]) -> Mapping[str, Share] | None:
        """
        Return a share for each strategy, or None to leave things as they are.

        Members come in the order of their seats. Shares are exact, 0 or more, and sum to at most the weights of all;
        what they leave waits in the pool until a later answer gives it out.
        """
        ...


@dataclass(frozen=True)
class Calendar:
    """Bring every strategy back to its weight."""

    every: Period = "month"

    name = "calendar"
    version = "1"
    needs_drawdowns = False

    def targets(self, members: Sequence[Member]) -> Mapping[str, Share] | None:
        """Return the weights."""
        return {member.strategy: member.weight for member in members}


@dataclass(frozen=True)
class Threshold:
    """
    Bring every strategy back to its weight once one is far enough from it.

    `absolute` is in the measure of weights, so that 0.1 is ten points; `relative` is a part of the weight. Either is
    enough; None is not looked at.
    """

    absolute: Fraction | None = Fraction(1, 10)
    relative: Fraction | None = None
    every: Period = "instant"

    name = "threshold"
    version = "1"
    needs_drawdowns = False

    def targets(self, members: Sequence[Member]) -> Mapping[str, Share] | None:
        """Return the weights, or None while all are near them."""
        for member in members:
            away = abs(member.share - member.weight)
            if self.absolute is not None and away >= self.absolute:
                break
            if self.relative is not None and away >= self.relative * member.weight:
                break
        else:
            return None
        return {member.strategy: member.weight for member in members}


@dataclass(frozen=True)
class InverseVolatility:
    """
    Share in inverse proportion to the volatility of the last `lookback` returns.

    Whoever has none, since its equity has not moved, keeps its weight. Nothing is done before there are so many
    returns.
    """

    every: Period = "month"
    lookback: int = 63

    name = "inverse_volatility"
    version = "1"
    needs_drawdowns = False

    def targets(self, members: Sequence[Member]) -> Mapping[str, Share] | None:
        """Return the shares."""
        return _by_risk(members, self.lookback, inverse_volatility)


@dataclass(frozen=True)
class EqualRiskContribution:
    """
    Share so that each strategy has the same part in the volatility of all together, over the last `lookback` returns.

    Whoever has no volatility keeps its weight. Nothing is done before there are so many returns.
    """

    every: Period = "month"
    lookback: int = 63

    name = "equal_risk_contribution"
    version = "1"
    needs_drawdowns = False

    def targets(self, members: Sequence[Member]) -> Mapping[str, Share] | None:
        """Return the shares."""
        return _by_risk(members, self.lookback, equal_risk)


@dataclass(frozen=True)
class DrawdownScaled:
    """
    Give each strategy its weight, less a part that grows with its drawdown.

    Without a drawdown that is all of it, from a drawdown of `drawdown` on the share `floor` of it, in between a
    straight line. What is cut waits in the pool and comes back as the drawdown shrinks.
    """

    every: Period = "month"
    drawdown: Fraction = Fraction(1, 5)
    floor: Fraction = Fraction(1, 4)

    name = "drawdown_scaled"
    version = "1"

    def targets(self, members: Sequence[Member]) -> Mapping[str, Share] | None:
        """Return the shares."""
        return {
            member.strategy: member.weight * (1 - (1 - self.floor) * min(member.drawdown / self.drawdown, Fraction(1)))
            for member in members
        }


KINDS: dict[str, type] = {
    kind.name: kind for kind in (Calendar, Threshold, InverseVolatility, EqualRiskContribution, DrawdownScaled)
}
"""The rebalancers that ship, by name; `fixed` is the name of none."""


def _by_risk(members: Sequence[Member], lookback: int, rule: Any) -> Mapping[str, Share] | None:
    if any(len(member.returns_billionths) < lookback for member in members):
        return None
    moving = [member for member in members if len(set(member.returns_billionths)) > 1]
    if not moving:
        return None
    left = sum((member.weight for member in moving), start=Fraction(0))
    found = rule({member.strategy: member.returns_billionths for member in moving}, left)
    return {member.strategy: found.get(member.strategy, member.weight) for member in members}


def lookback_of(rebalancer: Rebalancer) -> int:
    """Say how many returns a rebalancer wants to see. Raises PluginError for what is no number of them."""
    lookback = getattr(rebalancer, "lookback", 0)
    if type(lookback) is not int or not 0 <= lookback <= LOOKBACK_MAX:
        raise PluginError(
            f"rebalancer {rebalancer.name}: lookback is {clipped(lookback)}; give an int from 0 to {LOOKBACK_MAX}"
        )
    return lookback


def needs_drawdowns(rebalancer: Rebalancer) -> bool:
    """Say whether a rebalancer looks at drawdowns, as it does unless it says otherwise."""
    return bool(getattr(rebalancer, "needs_drawdowns", True))


def every_of(rebalancer: Rebalancer) -> Period:
    """Say how often a rebalancer is asked. Raises PluginError for what is no period."""
    every = rebalancer.every
    if every not in EVERY:
        raise PluginError(f"rebalancer {rebalancer.name}: every is {clipped(every)}; {did_you_mean(str(every), EVERY)}")
    return every


def asked(rebalancer: Rebalancer, members: Sequence[Member]) -> list[Fraction] | None:
    """
    Ask a rebalancer, and believe nothing of what it answers; the shares are in the order of the members.

    Raises PluginError when it raises, or does not answer with one exact share of 0 or more for each strategy and a sum
    of at most that of the weights.
    """
    whose = f"rebalancer {rebalancer.name}"
    answer: Any
    try:
        answer = rebalancer.targets(tuple(members))
    except Exception as error:
        raise PluginError(f"{whose}: targets raised {type(error).__name__}: {error}") from error
    if answer is None:
        return None
    names = [member.strategy for member in members]
    if not isinstance(answer, Mapping) or sorted(map(str, answer)) != sorted(names):
        raise PluginError(
            f"{whose} answered {clipped(answer)}; return a dict with one share for each of {', '.join(names)}, or None"
        )
    shares = [_exact(whose, name, answer[name]) for name in names]
    whole = sum((member.weight for member in members), start=Fraction(0))
    total = sum(shares, start=Fraction(0))
    if total > whole:
        raise PluginError(
            f"{whose} gave shares that sum to {_told(total)}; the weights sum to {_told(whole)}, and there is no more "
            "than that to share"
        )
    return shares


def _exact(whose: str, strategy: str, share: Any) -> Fraction:
    if isinstance(share, bool) or not isinstance(share, (int, Decimal, Fraction)):
        raise PluginError(
            f"{whose} gave {strategy} {clipped(share)}, a {type(share).__name__}; shares are exact: Fraction, Decimal "
            "or int; exact_shares(...) makes them of floats"
        )
    if isinstance(share, Decimal) and not share.is_finite():
        raise PluginError(f"{whose} gave {strategy} {share}; shares are finite")
    if share < 0:
        raise PluginError(f"{whose} gave {strategy} {_told(Fraction(share))}; shares are 0 or more")
    return Fraction(share)


def _told(number: Fraction) -> str:
    """Write a share so that a person sees what it is: whole where that can be, else with six digits."""
    rest = number.denominator
    for factor in (2, 5):
        while rest % factor == 0:
            rest //= factor
    return exact_text(number) if rest == 1 else f"about {float(number):.6f}"
