"""
Make docs/metrics-compared.md: every metric beside what empyrical-reloaded, quantstats and ffn say of the same run.

    python tools/compare_metrics.py            writes the page
    python tools/compare_metrics.py --print    prints it

Needs the extra `peers`. A figure that is not equal has its reason in the table; the page is not made without one, nor
with a reason that is no longer needed.
"""

from __future__ import annotations

import math
import sys
import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

PAGE = Path(__file__).resolve().parents[1] / "docs" / "metrics-compared.md"
PEERS = ("empyrical", "quantstats", "ffn")
EXACT = 1e-12
CLOSE = 1e-9

# Their imports and some of their calls warn about pandas and about each other.
warnings.simplefilter("ignore")

Figure = Callable[["Said"], Any]


class Said(NamedTuple):
    """One run, as everybody is handed it."""

    result: Any
    returns: Any
    benchmark: Any
    prices: Any
    stats: Any
    ratios: Any


class Compared(NamedTuple):
    """A metric: ours, theirs where they have it, and by peer why theirs is another."""

    name: str
    ours: Figure
    theirs: dict[str, Figure]
    why: dict[str, str]


def metric(name: str, why: dict[str, str] | None = None, **theirs: Figure) -> Compared:
    """A field of `Metrics`."""
    return Compared(name, lambda said: said.result.metrics("trend")[name], theirs, why or {})


def versus(name: str, why: dict[str, str] | None = None, **theirs: Figure) -> Compared:
    """A field of `BenchmarkComparison`."""
    return Compared(name, lambda said: said.result.benchmark("IBM", "trend")[name], theirs, why or {})


def evidence(name: str, why: dict[str, str] | None = None, **theirs: Figure) -> Compared:
    """A field of `SharpeEvidence`."""
    return Compared(name, lambda said: said.result.evidence("trend")[name], theirs, why or {})


def trades(name: str, why: dict[str, str] | None = None, **theirs: Figure) -> Compared:
    """A field of `TradeStatistics`."""
    return Compared(name, lambda said: said.result.trade_statistics("trend")[name], theirs, why or {})


BY_SESSION = "of sessions; ours is of round trips, net of fees"


def rows() -> list[Compared]:
    """All metrics that anybody else has."""
    import empyrical as em
    import ffn
    import quantstats.stats as qs

    return [
        metric(
            "total_return",
            empyrical=lambda s: em.cum_returns_final(s.returns),
            quantstats=lambda s: qs.comp(s.returns),
            ffn=lambda s: ffn.calc_total_return(s.prices),
        ),
        metric(
            "annual_return",
            {"ffn": "years by the calendar, days/365.25; ours are sessions/N"},
            empyrical=lambda s: em.annual_return(s.returns),
            quantstats=lambda s: qs.cagr(s.returns),
            ffn=lambda s: ffn.calc_cagr(s.prices),
        ),
        metric(
            "annual_volatility",
            empyrical=lambda s: em.annual_volatility(s.returns),
            quantstats=lambda s: qs.volatility(s.returns),
            ffn=lambda s: s.stats.daily_vol,
        ),
        metric(
            "sharpe",
            empyrical=lambda s: em.sharpe_ratio(s.returns),
            quantstats=lambda s: qs.sharpe(s.returns),
            ffn=lambda s: s.stats.daily_sharpe,
        ),
        metric(
            "sortino",
            empyrical=lambda s: em.sortino_ratio(s.returns),
            quantstats=lambda s: qs.sortino(s.returns),
            ffn=lambda s: s.stats.daily_sortino,
        ),
        metric(
            "max_drawdown",
            empyrical=lambda s: em.max_drawdown(s.returns),
            quantstats=lambda s: qs.max_drawdown(s.returns),
            ffn=lambda s: ffn.calc_max_drawdown(s.prices),
        ),
        metric(
            "calmar",
            {"ffn": "its annual return is by the calendar"},
            empyrical=lambda s: em.calmar_ratio(s.returns),
            quantstats=lambda s: qs.calmar(s.returns),
            ffn=lambda s: ffn.calc_calmar_ratio(s.prices),
        ),
        metric(
            "max_drawdown_periods",
            {"quantstats": "calendar days; ours are sessions", "ffn": "calendar days; ours are sessions"},
            quantstats=lambda s: _deepest(
                qs.drawdown_details(qs.to_drawdown_series(s.returns)), "max drawdown", "days"
            ),
            ffn=lambda s: _deepest(ffn.drawdown_details(ffn.to_drawdown_series(s.prices)), "drawdown", "Length"),
        ),
        metric("omega", empyrical=lambda s: em.omega_ratio(s.returns), quantstats=lambda s: qs.omega(s.returns)),
        metric(
            "value_at_risk",
            {"quantstats": "of a normal distribution; ours is the run's own 5 % quantile"},
            empyrical=lambda s: em.value_at_risk(s.returns),
            quantstats=lambda s: qs.value_at_risk(s.returns),
        ),
        metric(
            "conditional_value_at_risk",
            {"quantstats": "of a normal distribution; ours is the mean of the run's own worst"},
            empyrical=lambda s: em.conditional_value_at_risk(s.returns),
            quantstats=lambda s: qs.conditional_value_at_risk(s.returns),
        ),
        metric(
            "tail_ratio", empyrical=lambda s: em.tail_ratio(s.returns), quantstats=lambda s: qs.tail_ratio(s.returns)
        ),
        versus(
            "beta",
            empyrical=lambda s: em.beta(s.returns, s.benchmark),
            quantstats=lambda s: qs.greeks(s.returns, s.benchmark)["beta"],
        ),
        versus(
            "alpha",
            {"quantstats": "times N; ours is compounded N times"},
            empyrical=lambda s: em.alpha(s.returns, s.benchmark),
            quantstats=lambda s: qs.greeks(s.returns, s.benchmark)["alpha"],
        ),
        versus("r_squared", quantstats=lambda s: qs.r_squared(s.returns, s.benchmark)),
        versus(
            "tracking_error",
            empyrical=lambda s: em.annual_volatility(s.returns - s.benchmark),
        ),
        versus(
            "information_ratio",
            dict.fromkeys(PEERS, "per session; ours is that times √N"),
            empyrical=lambda s: em.excess_sharpe(s.returns, s.benchmark),
            quantstats=lambda s: qs.information_ratio(s.returns, s.benchmark),
            ffn=lambda s: ffn.calc_information_ratio(s.returns, s.benchmark),
        ),
        versus("up_capture", empyrical=lambda s: em.up_capture(s.returns, s.benchmark)),
        versus("down_capture", empyrical=lambda s: em.down_capture(s.returns, s.benchmark)),
        versus("capture_ratio", empyrical=lambda s: em.up_down_capture(s.returns, s.benchmark)),
        versus("batting_average", empyrical=lambda s: em.batting_average(s.returns, s.benchmark).iloc[0]),
        evidence(
            "skewness",
            {
                "quantstats": "corrected for bias; ours is the plain moment, as in the papers",
                "ffn": "corrected for bias; ours is the plain moment, as in the papers",
            },
            quantstats=lambda s: qs.skew(s.returns),
            ffn=lambda s: s.stats.daily_skew,
        ),
        evidence(
            "kurtosis",
            {
                "quantstats": "excess over 3, corrected for bias; ours is the plain moment",
                "ffn": "excess over 3, corrected for bias; ours is the plain moment",
            },
            quantstats=lambda s: qs.kurtosis(s.returns),
            ffn=lambda s: s.stats.daily_kurt,
        ),
        evidence(
            "probabilistic_sharpe",
            {"quantstats": "moments corrected for bias"},
            quantstats=lambda s: qs.probabilistic_sharpe_ratio(s.returns),
        ),
        evidence(
            "deflated_sharpe",
            {"ffn": "moments corrected for bias"},
            ffn=lambda s: ffn.calc_deflated_sharpe_ratio(s.returns, s.ratios, nperiods=252),
        ),
        metric(
            "win_rate",
            {"quantstats": BY_SESSION},
            quantstats=lambda s: qs.win_rate(s.returns),
        ),
        metric(
            "profit_factor",
            {"quantstats": BY_SESSION},
            quantstats=lambda s: qs.profit_factor(s.returns),
        ),
        trades(
            "payoff_ratio",
            {"quantstats": BY_SESSION},
            quantstats=lambda s: qs.payoff_ratio(s.returns),
        ),
        metric(
            "time_in_market",
            {"quantstats": "sessions with a return, rounded up to a percent; ours is closes with a position"},
            quantstats=lambda s: qs.exposure(s.returns),
        ),
    ]


def said() -> Said:
    """One strategy of two on two of the packaged series, with a third as the benchmark."""
    import ffn
    import numpy as np
    import pandas as pd

    from ropewalk import MeanReversion, Momentum, OrchestratorConfig, StrategyOrchestrator, sample_feed

    seats = {"trend": (Momentum(), "0.5", ["AAPL", "MSFT"]), "revert": (MeanReversion(), "0.5", ["AAPL", "MSFT"])}
    config = OrchestratorConfig(benchmark="IBM")
    result = StrategyOrchestrator(seats, 100_000, config).run(sample_feed(["AAPL", "IBM", "MSFT"]))
    sampled = result.sampled("trend")
    times = pd.to_datetime(sampled.at_us, unit="us")
    prices = pd.Series(100.0 * np.cumprod(np.append(1.0, 1.0 + sampled.returns)), index=times)
    ratios = [result.metrics(name).sharpe for name in seats]
    return Said(
        result,
        pd.Series(sampled.returns, index=times[1:]),
        pd.Series(result.benchmark_returns, index=times[1:]),
        prices,
        ffn.PerformanceStats(prices, annualization_factor=252),
        ratios,
    )


def page() -> str:
    """Write the page; raises what `table` raises."""
    given = said()
    lines = [
        "<!-- Made by tools/compare_metrics.py; change that, not this page. -->\n",
        "# Metrics compared",
        "",
        "What others say of the same returns: the strategy `trend` (`Momentum` on AAPL and MSFT, 50 % of 100,000),",
        "beside `revert` (`MeanReversion`), with IBM as the benchmark, on the [packaged data](guide/data.md).",
        f"{len(given.returns):,} daily returns, N = 252, a risk-free rate of 0. "
        + ", ".join(f"{_package(name)} {version(_package(name))}" for name in PEERS)
        + ".\n",
        "`=` is equal to 1e-12, relative to figures above 1; `≈` would be equal to 1e-9. A number is another answer,",
        "with its reason. An empty cell: it has no such figure.\n",
        "| metric | ropewalk | empyrical-reloaded | quantstats | ffn | why not |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    lines += table(given)
    from ropewalk.collectors.metrics import METRICS

    alone = [each.name for each in METRICS if each.name not in [one.name for one in rows()]]
    lines += [
        "",
        f"They have no figures for {', '.join(f'`{name}`' for name in alone[:-1])} and `{alone[-1]}`, since they look",
        "at returns, not at books. The [reference](reference/metrics.md) has all formulas. Drawdowns, months, years",
        "and rolling windows are held against empyrical-reloaded in the tests.",
    ]
    return "\n".join(lines) + "\n"


def table(given: Said) -> list[str]:
    """One line a metric; raises ValueError for a difference without a reason and a reason without a difference."""
    lines = []
    for one in rows():
        own = one.ours(given)
        cells: list[str] = []
        whys: dict[str, list[str]] = {}
        for peer in PEERS:
            cell = shown(own, one.theirs[peer](given)) if peer in one.theirs else ""
            cells.append(cell)
            differs = cell not in ("", "=", "≈")
            if differs != (peer in one.why):
                raise ValueError(f"{one.name}: {peer} says {cell or 'nothing'}, ours is {own}; mend its reason")
            if differs:
                whys.setdefault(one.why[peer], []).append(peer)
        told = "; ".join(f"{' and '.join(peers)}: {why}" for why, peers in whys.items())
        lines.append(f"| `{one.name}` | {own:.6g} | {' | '.join(cells)} | {told} |")
    return lines


def _deepest(details: Any, depth: str, length: str) -> int:
    """How long the deepest drawdown of a peer's table lasted."""
    return int(details.loc[details[depth].astype(float).idxmin(), length])


def _package(name: str) -> str:
    return "empyrical-reloaded" if name == "empyrical" else name


def shown(own: float, other: Any) -> str:
    """Say in a cell how equal a peer's figure is, or what it is."""
    value = float(other)
    if not math.isfinite(value):
        return "none"
    difference = abs(own - value) / max(1.0, abs(own))
    return "=" if difference <= EXACT else "≈" if difference <= CLOSE else f"{value:.6g}"


def main() -> None:
    """Write the page, or print it."""
    text = page()
    if "--print" in sys.argv[1:]:
        sys.stdout.write(text)
    else:
        PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
