"""Exposure: how much of the capital was at work, and how often it was renewed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated

import numpy as np

from ropewalk.collectors.figures import Figures, Is
from ropewalk.collectors.sessions import sampled
from ropewalk.collectors.trade_metrics import mean_exposure, time_in_market, turnover

if TYPE_CHECKING:
    from ropewalk.collectors.changes import Int64s
    from ropewalk.collectors.equity import EquityCurve, Float64s

INSOLVENT = "no instant with equity above 0"
SHARE = "fraction of equity"


class Exposure(Figures, frozen=True, kw_only=True):
    """
    One owner's exposure over its equity, at the closes of all instants, and its turnover.

    Instants without positive equity have no such ratio and are left out. The aggregate's gross adds the strategies'
    up, before netting between them.
    """

    time_in_market: Annotated[
        float | None, Is("fraction", "instants with a position/instants", "how often anything was held", "no instant")
    ]
    gross_mean: Annotated[float | None, Is(SHARE, "mean(Σ|q·mark|/equity)", "longs and shorts added", INSOLVENT)]
    gross_max: Annotated[float | None, Is(SHARE, "max(Σ|q·mark|/equity)", "the highest leverage", INSOLVENT)]
    net_mean: Annotated[float | None, Is(SHARE, "mean(Σq·mark/equity)", "shorts subtracted", INSOLVENT)]
    net_min: Annotated[float | None, Is(SHARE, "min(Σq·mark/equity)", "the furthest short", INSOLVENT)]
    net_max: Annotated[float | None, Is(SHARE, "max(Σq·mark/equity)", "the furthest long", INSOLVENT)]
    long_mean: Annotated[float | None, Is(SHARE, "mean((gross + net)/2)", "longs alone", INSOLVENT)]
    short_mean: Annotated[float | None, Is(SHARE, "mean((gross − net)/2)", "shorts alone, as a magnitude", INSOLVENT)]
    traded_micros: Annotated[int, Is("micros", "Σ|q·price| of fills", "value bought and sold")]
    turnover: Annotated[
        float | None,
        Is("1/year", "Σ|traded|/(2·mean equity)·N/n", "times a year capital was renewed", "n = 0 or equity ≤ 0"),
    ]


def exposure_of(curve: EquityCurve, *, traded_micros: int) -> Exposure:
    """Compute the exposure of one owner's curve; `traded_micros` is Σ|quantity · price| of its fills."""
    sessions = sampled(curve)
    solvent = curve.equity_micros > 0
    equity = curve.equity_micros[solvent]
    gross = curve.gross_exposure_micros[solvent] / equity
    net = curve.net_exposure_micros[solvent] / equity
    return Exposure(
        time_in_market=time_in_market(curve),
        gross_mean=mean_exposure(curve.gross_exposure_micros, curve.equity_micros),
        gross_max=_most(gross),
        net_mean=mean_exposure(curve.net_exposure_micros, curve.equity_micros),
        net_min=_least(net),
        net_max=_most(net),
        long_mean=_mean((gross + net) / 2),
        short_mean=_mean((gross - net) / 2),
        traded_micros=traded_micros,
        turnover=turnover(
            traded_micros, curve.equity_micros, periods=len(sessions), periods_per_year=sessions.periods_per_year
        ),
    )


def over_equity(exposure: Int64s, curve: EquityCurve) -> Float64s:
    """Divide an owner's exposure by its equity, instant by instant; NaN where there is none above 0."""
    shares = np.full(len(exposure), np.nan)
    np.divide(exposure, curve.equity_micros, out=shares, where=curve.equity_micros > 0)
    return shares


def _mean(ratios: Float64s) -> float | None:
    return math.fsum(ratios.tolist()) / len(ratios) if len(ratios) else None


def _most(ratios: Float64s) -> float | None:
    return float(ratios.max()) if len(ratios) else None


def _least(ratios: Float64s) -> float | None:
    return float(ratios.min()) if len(ratios) else None
