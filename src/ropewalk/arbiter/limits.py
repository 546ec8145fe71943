"""
Limits: pure functions from an ask and what is in use to what may be granted.

A limit answers with a `Bound`: how much it allows, how much of that is used, and what it leaves for the ask. The
narrowest one binds; of equals, the one that stands first in `reasons.LIMITS`, and of one's own the first in the run.
What closes a position is no ask, so nothing here can refuse it.
"""

from __future__ import annotations

# A compiled NamedTuple looks the types of its fields up when its module is loaded.
from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from ropewalk.money import MICROS_MAX, part_down
from ropewalk.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ropewalk.arbiter.own_limits import Limit

BPS = 10_000


class StrategyLimits(NamedTuple):
    """What one strategy may do, beside its allocation; None is no limit."""

    symbol_share: Fraction | None = None
    positions: int | None = None
    drawdown: Fraction | None = None


class GroupLimit(NamedTuple):
    """How much of the capital may be in a group of symbols."""

    symbols: tuple[str, ...]
    exposure: Fraction


class AccountLimits(NamedTuple):
    """What all strategies may do together; `symbols` are exceptions from `symbol_exposure`."""

    gross_exposure: Fraction | None = None
    net_exposure: Fraction | None = None
    symbol_exposure: Fraction | None = None
    symbols: Mapping[str, Fraction] = {}
    groups: Mapping[str, GroupLimit] = {}
    leverage: Fraction | None = None
    positions: int | None = None
    cash_reserve: Fraction | None = None

    @property
    def are_none(self) -> bool:
        """Whether there is no limit at all."""
        return self == AccountLimits()


class Limits(NamedTuple):
    """The limits of a run; those of one's `own` by their names, in the order in which they are asked."""

    account: AccountLimits = AccountLimits()
    strategies: Mapping[str, StrategyLimits] = {}
    own: Mapping[str, Limit] = {}


class Bound(NamedTuple):
    """One limit held against an ask. `limit` and `used` are micros, or positions where the limit counts those."""

    reason: Reason
    limit: int
    used: int
    left_micros: int
    group: str = ""


class Use(NamedTuple):
    """
    What is in use of a strategy's limits, in one symbol, before an ask.

    `capital_micros` is what may be at work in the strategy, `symbol_micros` what it holds of the symbol, granted
    and resting included.
    """

    capital_micros: int
    equity_micros: int
    peak_micros: int
    symbol_micros: int
    positions: int
    is_position: bool


class AccountUse(NamedTuple):
    """
    What is in use of the account's limits before an ask, granted and resting included, at the last closes.

    `net_micros` leans to the side of the ask: negative where the books lean the other way. `long_micros` is what
    cash was spent on, or is to be: longs held, and all that is reserved.
    """

    capital_micros: int
    equity_micros: int
    gross_micros: int
    net_micros: int
    long_micros: int
    symbols: Mapping[str, int]
    positions: int
    is_position: bool


def within_allocation(asked_micros: int, available_micros: int, headroom_bps: int) -> tuple[int, int]:
    """
    Grant as much of an ask as the strategy's allocation still holds; returns what is granted and what is reserved.

    An ask for a number of lots comes with a headroom: granted in full, it sets that much more aside, as far
    as it is free, so that a gap at the open and the fees do not cost it a lot. Where another limit leaves less
    than the allocation, that is what is available.

    >>> within_allocation(500, 300, 0)
    (300, 300)
    >>> within_allocation(500, 900, 1_000)
    (500, 550)
    """
    if asked_micros > available_micros:
        return available_micros, available_micros
    if not headroom_bps:
        return asked_micros, asked_micros
    headroom = asked_micros * headroom_bps // BPS
    return asked_micros, min(asked_micros + headroom, available_micros)


def within_share(reason: Reason, capital_micros: int, share: Fraction, used_micros: int, *, group: str = "") -> Bound:
    """
    Leave what a share of some capital holds beyond what is used, rounded down, and never less than nothing.

    >>> within_share("gross_exposure", 1_000, Fraction("0.5"), 300).left_micros
    200
    """
    limit = min(part_down(max(capital_micros, 0), share), MICROS_MAX)
    return Bound(reason, limit, used_micros, max(limit - used_micros, 0), group)


def within_reserve(equity_micros: int, capital_micros: int, reserve: Fraction, long_micros: int) -> Bound:
    """
    Leave what may be spent: the equity less a share of capital, rounded up, that stays cash.

    What a short brought in is owed, so shorts neither add to the cash nor take from it.

    >>> within_reserve(1_000, 1_000, Fraction("0.1"), 700)
    Bound(reason='cash_reserve', limit=900, used=700, left_micros=200, group='')
    """
    stays = -part_down(-max(capital_micros, 0), reserve)
    limit = max(equity_micros - stays, 0)
    return Bound("cash_reserve", limit, long_micros, max(limit - long_micros, 0))


def within_drawdown(equity_micros: int, peak_micros: int, drawdown: Fraction) -> Bound | None:
    """
    Leave nothing once the equity has fallen from its peak by the share or more; else the limit says nothing.

    >>> within_drawdown(801, 1_000, Fraction("0.2")) is None
    True
    >>> within_drawdown(800, 1_000, Fraction("0.2"))
    Bound(reason='drawdown', limit=200, used=200, left_micros=0, group='')
    """
    may_lose, lost = part_down(max(peak_micros, 0), drawdown), peak_micros - equity_micros
    return Bound("drawdown", may_lose, lost, 0) if lost >= may_lose else None


def within_positions(reason: Reason, positions_max: int, positions: int, *, is_position: bool) -> Bound | None:
    """
    Leave nothing for one position too many; a position that is there, or rests, may grow.

    >>> within_positions("strategy_positions", 2, 2, is_position=True) is None
    True
    >>> within_positions("strategy_positions", 2, 2, is_position=False)
    Bound(reason='strategy_positions', limit=2, used=2, left_micros=0, group='')
    """
    if is_position or positions < positions_max:
        return None
    return Bound(reason, positions_max, positions, 0)


def strategy_bounds(limits: StrategyLimits, use: Use) -> list[Bound]:
    """Hold one strategy's limits against an ask, in the order of `reasons.LIMITS`."""
    bounds: list[Bound | None] = []
    if limits.symbol_share is not None:
        bounds.append(within_share("symbol_share", use.capital_micros, limits.symbol_share, use.symbol_micros))
    if limits.positions is not None:
        bounds.append(
            within_positions("strategy_positions", limits.positions, use.positions, is_position=use.is_position)
        )
    if limits.drawdown is not None:
        bounds.append(within_drawdown(use.equity_micros, use.peak_micros, limits.drawdown))
    return [bound for bound in bounds if bound is not None]


def account_bounds(limits: AccountLimits, use: AccountUse, symbol: str) -> list[Bound]:
    """Hold the account's limits against an ask for a symbol, in the order of `reasons.LIMITS`."""
    capital = use.capital_micros
    bounds: list[Bound | None] = []
    if limits.gross_exposure is not None:
        bounds.append(within_share("gross_exposure", capital, limits.gross_exposure, use.gross_micros))
    if limits.net_exposure is not None:
        bounds.append(within_share("net_exposure", capital, limits.net_exposure, use.net_micros))
    share = limits.symbols.get(symbol, limits.symbol_exposure)
    if share is not None:
        bounds.append(within_share("symbol_exposure", capital, share, use.symbols.get(symbol, 0)))
    for name, group in limits.groups.items():
        if symbol in group.symbols:
            used = sum(use.symbols.get(one, 0) for one in group.symbols)
            bounds.append(within_share("group_exposure", capital, group.exposure, used, group=name))
    if limits.leverage is not None:
        bounds.append(within_share("leverage", use.equity_micros, limits.leverage, use.gross_micros))
    if limits.positions is not None:
        bounds.append(
            within_positions("account_positions", limits.positions, use.positions, is_position=use.is_position)
        )
    if limits.cash_reserve is not None:
        bounds.append(within_reserve(use.equity_micros, capital, limits.cash_reserve, use.long_micros))
    return [bound for bound in bounds if bound is not None]


def narrowest(bounds: Iterable[Bound], available_micros: int) -> Bound | None:
    """
    Find the bound that leaves least, the first of equals; None when the allocation leaves no more than it.

    >>> wide, narrow = Bound("leverage", 9, 2, 7), Bound("cash_reserve", 4, 2, 2)
    >>> narrowest([wide, narrow], 5).reason, narrowest([wide, narrow], 2)
    ('cash_reserve', None)
    """
    found = None
    for bound in bounds:
        if bound.left_micros < available_micros:
            found, available_micros = bound, bound.left_micros
    return found
