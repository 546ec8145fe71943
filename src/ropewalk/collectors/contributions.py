"""Contributions: what each strategy added to the aggregate's return and risk; the parts sum to the whole."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated

import numpy as np

from ropewalk.collectors.equity import EquityCurve
from ropewalk.collectors.figures import Figures, Is, Rows
from ropewalk.collectors.moments import covariance_of, deviation_of
from ropewalk.collectors.sessions import periods_per_year, session_days, session_ends
from ropewalk.collectors.tables import AGGREGATE
from ropewalk.errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ropewalk.collectors.changes import Int64s
    from ropewalk.collectors.equity import Float64s

NO_RISK = "fewer than two sessions, or the aggregate does not vary"


class Contribution(Figures, frozen=True, kw_only=True):
    """
    One owner's part of the aggregate's profit and of its risk.

    Profits are integers and sum exactly. The risk of a part is its share of the aggregate's variance, so what calms
    the others has a negative one; the parts sum to the aggregate's annual volatility.
    """

    strategy: str
    profit_micros: Annotated[int, Is("micros", "equity − Σ flows at the end", "what it earned")]
    return_contribution: Annotated[
        float | None,
        Is("fraction", "profit/initial capital of the account", "its part of the total return", "no capital"),
    ]
    profit_share: Annotated[
        float | None,
        Is("fraction", "profit/aggregate profit", "its part of the profit", "the aggregate earned nothing"),
    ]
    risk_contribution: Annotated[
        float | None,
        Is(
            "1/year",
            "cov(c, r)/std(r)·√N, c = Δprofit/account equity",
            "its part of the annual volatility",
            NO_RISK,
            source="Euler allocation; Tasche (1999)",
        ),
    ]
    risk_share: Annotated[
        float | None,
        Is(
            "fraction",
            "cov(c, r)/var(r)",
            "its part of the variance",
            NO_RISK,
            source="Euler allocation; Tasche (1999)",
        ),
    ]


def contributions(curves: Mapping[str, EquityCurve], account: EquityCurve) -> Rows[Contribution]:
    """
    Take the aggregate apart: one row an owner, in their order, and a last one, `aggregate`, that is their sum.

    Raises LedgerError where the parts do not sum to the whole, which would be a defect.
    """
    steps = {name: _profits(curve) for name, curve in curves.items()}
    whole = _profits(account)
    capital = int(account.flow_micros.sum())
    before = _equities(account)[:-1]
    parts = {name: _over(np.diff(profits), before) for name, profits in steps.items()}
    returns = _over(np.diff(whole), before)
    a_year = math.sqrt(periods_per_year(session_days(account.at_us)))
    ends = {name: profit_of(curve) for name, curve in (*curves.items(), (AGGREGATE, account))}
    rows = [
        _row(name, ends, capital=capital, part=part, returns=returns, a_year=a_year)
        for name, part in (*parts.items(), (AGGREGATE, returns))
    ]
    _check(rows)
    return Rows(Contribution, rows)


def profit_of(curve: EquityCurve) -> int:
    """Say what an owner earned in all, in micros: equity at the end less the capital that came."""
    return int(curve.equity_micros[-1] - curve.flow_micros.sum()) if len(curve) else 0


def without(account: EquityCurve, strategy: EquityCurve) -> EquityCurve:
    """
    Compute what the account would have been had a strategy's capital lain idle: its trades are taken out.

    The others' trades stay as they were. That is what a run without the strategy comes to where strategies do not
    meet; a policy or a limit that they share might have granted the others something else.
    """
    flows = np.cumsum(strategy.flow_micros)
    columns = {
        "equity_micros": account.equity_micros - (strategy.equity_micros - flows),
        "cash_micros": account.cash_micros - (strategy.cash_micros - flows),
        "gross_exposure_micros": account.gross_exposure_micros - strategy.gross_exposure_micros,
        "net_exposure_micros": account.net_exposure_micros - strategy.net_exposure_micros,
    }
    for column in columns.values():
        column.setflags(write=False)
    return EquityCurve(
        owner=f"{account.owner} without {strategy.owner}",
        at_us=account.at_us,
        flow_micros=account.flow_micros,
        **columns,
    )


def _row(
    name: str, ends: Mapping[str, int], *, capital: int, part: Float64s, returns: Float64s, a_year: float
) -> Contribution:
    values, whole = part.tolist(), returns.tolist()
    spread = deviation_of(whole) if len(whole) > 1 else 0.0
    share = covariance_of(values, whole) / (spread * spread) if spread > 0 else None
    return Contribution(
        strategy=name,
        profit_micros=ends[name],
        return_contribution=ends[name] / capital if capital > 0 else None,
        profit_share=ends[name] / ends[AGGREGATE] if ends[AGGREGATE] else None,
        risk_contribution=None if share is None else share * spread * a_year,
        risk_share=share,
    )


def _check(rows: Sequence[Contribution]) -> None:
    *parts, whole = rows
    profit = sum(one.profit_micros for one in parts)
    if profit != whole.profit_micros:
        raise LedgerError(f"the strategies earned {profit} micros, the account {whole.profit_micros}")
    if whole.risk_share is not None:
        share = math.fsum(one.risk_share or 0.0 for one in parts)
        size = math.fsum(abs(one.risk_share or 0.0) for one in parts)
        if abs(share - 1.0) > 1e-9 * max(size, 1.0):
            raise LedgerError(f"the strategies' shares of risk sum to {share}, not to 1")


def _profits(curve: EquityCurve) -> Int64s:
    """What was earned up to each session end; 0 at the base, which is the run's first funding."""
    if not len(curve):
        return np.zeros(1, np.int64)
    earned = curve.equity_micros - np.cumsum(curve.flow_micros)
    ends = session_ends(curve.at_us)
    return np.concatenate([np.zeros(1, np.int64), earned[ends[ends > 0]]])


def _equities(curve: EquityCurve) -> Int64s:
    """The capital to earn with at the base and at each session end; see `session_returns`."""
    ends = session_ends(curve.at_us)
    return np.concatenate([curve.flow_micros[:1], curve.equity_micros[ends[ends > 0]]])


def _over(change: Int64s, before: Int64s) -> Float64s:
    share = np.zeros(len(change))
    np.divide(change, before, out=share, where=before > 0)
    return share
