"""Limit use: how close each limit of a run came to binding at the closes, when, and how often it bound."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, NamedTuple

import numpy as np

from ropewalk.collectors.changes import largest
from ropewalk.collectors.figures import Figures, Is, Rows
from ropewalk.collectors.tables import AGGREGATE
from ropewalk.money import MICROS_MAX, divided_half_even, part_down

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from fractions import Fraction

    from ropewalk.collectors.changes import Int64s
    from ropewalk.collectors.equity import EquityCurve
    from ropewalk.collectors.limits_set import SetLimit
    from ropewalk.collectors.valued import Valued
    from ropewalk.events import Decision

NO_LIMIT = "the limit left nothing at any close"
UNSHOWN = "no decision shows it"
FITS = 2**62


class LimitUse(Figures, frozen=True, kw_only=True):
    """
    One limit of a run: how much of it was in use at the closes of all instants, and what it did to decisions.

    In use is what the books hold at the closes, counted as the limit counts, without what rests. `used` and
    `allowed` are those of the close at which the limit was closest, in micros, or in positions where it counts those.
    `owner` is a strategy or `aggregate`. `scope` is the symbol or the group; of a limit that holds for each symbol it
    is the one that came closest. Decisions show what rested, too, but only of the limit that bound, or of the
    allocation.
    """

    owner: str
    limit: str
    scope: str
    setting: Annotated[float, Is("as set", "the setting", "share of capital, multiple of equity, or positions")]
    utilisation: Annotated[
        float | None, Is("fraction", "max(used/allowed)", "the largest part of it in use at a close", NO_LIMIT)
    ]
    at_us: Annotated[int | None, Is("time", "first of the max", "when that was", NO_LIMIT)]
    used: Annotated[int | None, Is("micros or count", "used then", "how much was in use", NO_LIMIT)]
    allowed: Annotated[int | None, Is("micros or count", "limit then", "how much there was", NO_LIMIT)]
    closes_over: Annotated[int, Is("count", "closes with used > allowed", "how often prices or losses carried it over")]
    decided: Annotated[
        float | None, Is("fraction", "max((used + reserved)/limit)", "the same after a decision", UNSHOWN)
    ]
    bound: Annotated[int, Is("count", "decisions with its reason", "how often it cut an ask down")]


class _Held(NamedTuple):
    """What was in use of a limit and what it allowed, at every close; `scope` is what it was of."""

    scope: str
    used: Int64s
    allowed: Int64s


class LimitBooks:
    """The books of a run, as its limits count them, at every close."""

    def __init__(
        self,
        books: Valued,
        *,
        strategies: Sequence[str],
        capital_micros: int,
        is_compounding: bool,
        rebalanced_at_us: Sequence[int] = (),
    ) -> None:
        self._books = books
        self._rebalanced_at_us = rebalanced_at_us
        self._strategies = strategies
        self._capital_micros = capital_micros
        self._is_compounding = is_compounding

    def held(self, limit: SetLimit) -> Iterator[_Held]:
        """Give what was in use of a limit and allowed, for each symbol where it holds for each."""
        curve, share = self._books.curve(limit.owner), limit.setting
        if limit.name in ("strategy_positions", "account_positions"):
            positions = self._positions(limit.owner)
            yield _Held("", positions, np.full(len(positions), int(share), np.int64))
        elif limit.name == "drawdown":
            peaks = peaks_of(curve)
            yield _Held("", peaks - curve.equity_micros, parts(peaks, share))
        elif limit.name == "leverage":
            yield _Held("", curve.gross_exposure_micros, parts(curve.equity_micros, share))
        elif limit.name == "cash_reserve":
            stays = -_rounded_down(-np.maximum(self._capital(limit.owner), 0), share)
            longs = (curve.gross_exposure_micros + curve.net_exposure_micros) // 2
            yield _Held("", longs, np.maximum(curve.equity_micros - stays, 0))
        elif limit.name in ("allocation", "gross_exposure", "net_exposure"):
            used = np.abs(curve.net_exposure_micros) if limit.name == "net_exposure" else curve.gross_exposure_micros
            yield _Held("", used, parts(self._capital(limit.owner), share))
        else:
            yield from self._of_symbols(limit)

    def _of_symbols(self, limit: SetLimit) -> Iterator[_Held]:
        allowed = parts(self._capital(limit.owner), limit.setting)
        ever = [symbol for symbol in self._books.symbols_of(limit.owner) if limit.covers(symbol)]
        held = [self._books.symbol_curve(symbol, limit.owner).gross_exposure_micros for symbol in ever]
        if limit.name == "group_exposure" or limit.symbols or not held:
            yield _Held(limit.scope, sum(held, np.zeros(len(allowed), np.int64)), allowed)
            return
        for symbol, used in zip(ever, held, strict=True):
            yield _Held(symbol, used, allowed)

    def _positions(self, owner: str) -> Int64s:
        whose = self._strategies if owner == AGGREGATE else [owner]
        count = np.zeros(len(self._books.curve(owner)), np.int64)
        for strategy in whose:
            for symbol in self._books.symbols_of(strategy):
                count += self._books.symbol_curve(symbol, strategy).gross_exposure_micros > 0
        return count

    def _capital(self, owner: str) -> Int64s:
        """
        What may be at work: the equity, or with a fixed base what was given, or the equity if that is less.

        A rebalance gives anew, what was earned until then included.
        """
        curve = self._books.curve(owner)
        if self._is_compounding:
            return curve.equity_micros
        if owner == AGGREGATE:
            return np.minimum(curve.equity_micros, self._capital_micros)
        given = np.cumsum(curve.flow_micros)
        rows = np.searchsorted(curve.at_us, self._rebalanced_at_us)
        if len(rows):
            last = np.searchsorted(rows, np.arange(len(given)), side="right") - 1
            earned = (curve.equity_micros - given)[rows]
            given = given + np.where(last >= 0, earned[np.maximum(last, 0)], 0)
        return np.minimum(curve.equity_micros, given)


def peaks_of(curve: EquityCurve) -> Int64s:
    """
    The highest equity so far at every close, as the drawdown limit knows it.

    Capital that comes or goes moves it in proportion, so that a transfer leaves a drawdown as it is.
    """
    equity, peaks, peak = curve.equity_micros, np.zeros(len(curve), np.int64), 0
    moves = np.flatnonzero(curve.flow_micros).tolist()
    for begin, end in pairwise([*sorted({0, *moves}), len(curve)]):
        after, flow = int(equity[begin]), int(curve.flow_micros[begin])
        before = after - flow
        peak = max(peak, before)
        if flow:
            is_kept = before > 0 and after >= 0
            peak = divided_half_even(peak * after, before) if is_kept else peak + flow
        peaks[begin:end] = np.maximum(np.maximum.accumulate(equity[begin:end]), peak)
        peak = int(peaks[end - 1])
    return peaks


def limit_use(
    limits: Iterable[SetLimit], books: LimitBooks, *, at_us: Int64s, decisions: Sequence[Decision]
) -> Rows[LimitUse]:
    """Measure limits, in the order given."""
    rows = []
    for limit in limits:
        closest = max(map(_closest, books.held(limit)), key=lambda one: -1.0 if one[1] is None else one[1])
        held, utilisation, row = closest
        shown = [one for one in decisions if limit.is_shown_by(one)]
        shares = [_decided(one) for one in shown]
        rows.append(
            LimitUse(
                owner=limit.owner,
                limit=limit.name,
                scope=held.scope,
                setting=float(limit.setting),
                utilisation=utilisation,
                at_us=None if row is None else int(at_us[row]),
                used=None if row is None else int(held.used[row]),
                allowed=None if row is None else int(held.allowed[row]),
                closes_over=sum(int((one.used > one.allowed).sum()) for one in books.held(limit)),
                decided=max((share for share in shares if share is not None), default=None),
                bound=sum(one.reason == limit.name for one in shown),
            )
        )
    return Rows(LimitUse, rows, missing="there was no close")


def parts(whole: Int64s, share: Fraction) -> Int64s:
    """Take a share of each amount, of none less than nothing, as exactly as limits do: rounded down."""
    return np.minimum(_rounded_down(np.maximum(whole, 0), share), MICROS_MAX)


def _rounded_down(amounts: Int64s, share: Fraction) -> Int64s:
    if largest(amounts) * share.numerator < FITS and share.denominator < FITS:
        return amounts * share.numerator // share.denominator
    taken = [part_down(one, share) for one in amounts.tolist()]
    return np.array([max(min(one, FITS), -FITS) for one in taken], np.int64)


def _closest(held: _Held) -> tuple[_Held, float | None, int | None]:
    """Where the largest part of a limit was in use: which part, in which row."""
    rows = (held.allowed > 0).nonzero()[0]
    if not len(rows):
        return held, None, None
    shares = held.used[rows] / held.allowed[rows]
    row = int(shares.argmax())
    return held, float(shares[row]), int(rows[row])


def _decided(one: Decision) -> float | None:
    """How much of the limit that a decision shows was in use after it."""
    if one.limit_positions:
        return one.used_positions / one.limit_positions
    return (one.used_micros + one.reserved_micros) / one.limit_micros if one.limit_micros > 0 else None
