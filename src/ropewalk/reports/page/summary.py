"""The summary of a page: what the run came to, in a sentence, in tiles, and a row for each strategy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ropewalk.collectors.metrics import METRICS
from ropewalk.collectors.postings import POOL
from ropewalk.collectors.tables import is_refusal
from ropewalk.money import MICROS
from ropewalk.reports.page.figures import NO_VALUE, Figure, count, figure, moment, money, percent, ratio
from ropewalk.reports.page.series import growth
from ropewalk.reports.page.sparkline import sparkline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ropewalk.collectors.equity import EquityCurve
    from ropewalk.collectors.metrics import Metrics
    from ropewalk.collectors.result import OrchestratorResult

ACCOUNT = "account"
DAYS_PER_YEAR = 365.25
US_PER_YEAR = DAYS_PER_YEAR * 86_400_000_000


class Column(NamedTuple):
    """One metric in the comparison: its title, how it is shown, and whether its sign has a colour."""

    name: str
    title: str
    show: Callable[[float], str]
    is_colored: bool = False


def _signed(value: float) -> str:
    return percent(value, signed=True)


COLUMNS = (
    Column("total_return", "Return", _signed, True),
    Column("annual_return", "A year", _signed, True),
    Column("annual_volatility", "Volatility", percent),
    Column("sharpe", "Sharpe", ratio),
    Column("sortino", "Sortino", ratio),
    Column("max_drawdown", "Deepest fall", percent),
    Column("win_rate", "Win rate", percent),
    Column("round_trips", "Round trips", count),
)
SHOWN: dict[str, Callable[[float], str]] = {"fraction": percent, "count": count, "sessions": count}


class Row(NamedTuple):
    """One owner in the comparison; the seat of the account is −1."""

    name: str
    seat: int
    weight: str
    initial: str
    final: str
    figures: tuple[Figure, ...]
    refused: str
    costs: str
    line: str


def sentence(result: OrchestratorResult) -> str:
    """Say in a sentence what the account came to."""
    metrics = result.aggregate_metrics
    began, ended = money(result.started.capital_micros), money(result.account_equity_micros)
    years = (result.ended.at_us - result.started.at_us) / US_PER_YEAR
    span = f"in {years:.1f} years" if years >= 1 else f"in {years * DAYS_PER_YEAR:,.0f} days"
    told = f"{began} became {ended} {span}"
    if metrics.total_return is not None:
        told += f": {percent(metrics.total_return, signed=True)}"
    if metrics.annual_return is not None and years >= 1:
        told += f", {percent(metrics.annual_return, signed=True)} a year"
    if metrics.max_drawdown:
        told += f", with a deepest fall of {percent(-metrics.max_drawdown)}"
    return f"{told}."


def tiles(result: OrchestratorResult) -> list[tuple[str, Figure]]:
    """List the figures of the account that are read first."""
    metrics = result.aggregate_metrics
    costs = sum(fill.commission_micros + fill.slippage_micros for fill in result.fills)
    return [
        ("Final equity", Figure(money(result.account_equity_micros))),
        ("Return", figure("total_return", metrics.total_return, _signed, colored=True)),
        ("Return a year", figure("annual_return", metrics.annual_return, _signed, colored=True)),
        ("Volatility a year", figure("annual_volatility", metrics.annual_volatility, percent)),
        ("Sharpe ratio", figure("sharpe", metrics.sharpe, ratio)),
        ("Deepest fall", figure("max_drawdown", metrics.max_drawdown, percent)),
        ("Round trips", Figure(count(metrics.round_trips))),
        ("Commission and slippage", Figure(money(costs))),
    ]


def rows(result: OrchestratorResult) -> list[Row]:
    """Compare the strategies; the last row is the account's."""
    found = []
    for seat, (name, one) in enumerate(result.strategy_results.items()):
        initial, final = result.started.allocated_micros[seat], one.equity_curve.equity_micros[-1]
        about = (float(one.weight), initial, int(final))
        found.append(_row(name, seat, about, one.metrics, one.fills, one.decisions, one.equity_curve))
    weight = float(sum(one.weight for one in result.strategy_results.values()))
    whole = (weight, result.started.capital_micros, result.account_equity_micros)
    metrics, curve = result.aggregate_metrics, result.equity_curve
    return [*found, _row(ACCOUNT, -1, whole, metrics, result.fills, result.decisions, curve)]


def _row(
    name: str,
    seat: int,
    about: tuple[float, int, int],
    metrics: Metrics,
    fills: Sequence[Any],
    decisions: Iterable[Any],
    curve: EquityCurve,
) -> Row:
    weight, initial, final = about
    return Row(
        name=name,
        seat=seat,
        weight=percent(weight, digits=0 if round(weight * 100, 6) == round(weight * 100) else 1),
        initial=money(initial),
        final=money(final),
        figures=tuple(figure(one.name, metrics[one.name], one.show, colored=one.is_colored) for one in COLUMNS),
        refused=count(sum(map(is_refusal, decisions))),
        costs=money(sum(fill.commission_micros + fill.slippage_micros for fill in fills)),
        line=sparkline(growth(curve)),
    )


def every_metric(result: OrchestratorResult) -> list[dict[str, Any]]:
    """List all metrics of all owners, with unit and formula."""
    owners = [one.metrics for one in result.strategy_results.values()]
    found = []
    for metric in METRICS:
        show = _shown(metric.name, metric.unit)
        figures = [figure(metric.name, one[metric.name], show) for one in (*owners, result.aggregate_metrics)]
        title = metric.name.removesuffix("_micros").replace("_", " ")
        found.append({"title": title, "metric": metric, "figures": figures})
    return found


def _shown(name: str, unit: str) -> Callable[[float], str]:
    if unit == "micros":
        return lambda micros: money(int(micros))
    if unit == "1/year" and name not in ("periods_per_year", "calmar", "turnover"):
        return percent
    return count if name == "periods_per_year" else SHOWN.get(unit, ratio)


def missing(figures: Iterable[tuple[str, Figure]]) -> list[tuple[str, str]]:
    """List which figures have no value, and why, each once."""
    return list(dict.fromkeys((title, one.why) for title, one in figures if one.text == NO_VALUE))


def ends_of_spans(result: OrchestratorResult) -> dict[str, Any]:
    """Tell the charts as a table: equities and exposures at the end of each year, of each month in a short run."""
    account = result.equity_curve
    days = account.at_us.astype("datetime64[us]")
    spans = days.astype("datetime64[Y]")
    if len(np.unique(spans)) < 3:
        spans = days.astype("datetime64[M]")
    ends = [*np.flatnonzero(spans[1:] != spans[:-1]).tolist(), len(spans) - 1]
    curves = [*(result.equity_curves[name] for name in result.strategy_results), result.equity_curves[POOL], account]
    grown = growth(account)
    told = []
    for row in ends:
        equity = int(account.equity_micros[row])
        below = float(grown[row] / grown[: row + 1].max() - 1)
        exposures = [
            percent(float(part[row]) / equity) if equity > 0 else NO_VALUE
            for part in (account.gross_exposure_micros, account.net_exposure_micros)
        ]
        cells = [money(int(curve.equity_micros[row])) for curve in curves]
        told.append((moment(int(account.at_us[row])), [*cells, percent(below), *exposures]))
    return {"owners": [*result.strategy_results, "pool", ACCOUNT], "rows": told}


def least_equity(result: OrchestratorResult) -> list[tuple[str, float]]:
    """Name the owners whose equity was zero or less at some instant, and the least it was, in currency."""
    return [
        (name, float(curve.equity_micros.min()) / MICROS)
        for name, curve in result.equity_curves.items()
        if name != POOL and int(curve.equity_micros.min()) <= 0
    ]
