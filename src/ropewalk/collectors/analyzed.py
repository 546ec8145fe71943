"""Analyzed: every table and figure of a run beyond its metrics, each computed when it is asked for."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from ropewalk.collectors.benchmark_comparison import BenchmarkComparison, compared
from ropewalk.collectors.benchmark_prices import benchmark_returns, prices_of
from ropewalk.collectors.bootstrap import LEVEL, RESAMPLES, SEED, Confidence, confidence
from ropewalk.collectors.calendar_returns import (
    MonthlyReturn,
    SessionReturn,
    YearlyReturn,
    monthly_returns,
    session_rows,
    yearly_returns,
)
from ropewalk.collectors.capital import Capital, CapitalByReason, capital, capital_by_reason
from ropewalk.collectors.conflict_pairs import ConflictPair, conflict_pairs
from ropewalk.collectors.contributions import Contribution, contributions, without
from ropewalk.collectors.correlations import Correlations, correlations, positions_of
from ropewalk.collectors.crossing import in_the_market
from ropewalk.collectors.drawdowns import DatedDrawdown, drawdowns
from ropewalk.collectors.excursions import Excursion, excursions, ranges_of
from ropewalk.collectors.exposure import Exposure, exposure_of
from ropewalk.collectors.limit_use import LimitBooks, LimitUse, limit_use
from ropewalk.collectors.limits_set import limits_set
from ropewalk.collectors.metrics import Metrics, metrics_of
from ropewalk.collectors.omissions import Omission, Without, omissions
from ropewalk.collectors.return_metrics import sharpe
from ropewalk.collectors.rolling import WINDOW_SESSIONS, RollingFigures, rolling
from ropewalk.collectors.sharpe_evidence import SharpeEvidence, sharpe_evidence
from ropewalk.collectors.symbol_result import SymbolResult
from ropewalk.collectors.tables import AGGREGATE
from ropewalk.collectors.trade_statistics import TradeStatistics, trade_statistics
from ropewalk.collectors.trades import RoundTrip, open_round_trips, paths_of
from ropewalk.collectors.trading_costs import TradingCosts, trading_costs
from ropewalk.collectors.valued import Valued, by_symbol
from ropewalk.errors import ConfigError, clipped, did_you_mean
from ropewalk.market.actions import continuous

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ropewalk.collectors.equity import Float64s
    from ropewalk.collectors.figures import Rows
    from ropewalk.events import Adjustment, Fill


class Analyzed(Valued):
    """
    A run's tables and figures, by owner: a strategy's name, or `aggregate` for the account, which is the default.

    All methods raise ConfigError for an owner that there is not.
    """

    def __init__(
        self,
        *,
        benchmark: str | None = None,
        limits: Mapping[str, Any] | None = None,
        is_compounding: bool = True,
        **valued: Any,
    ) -> None:
        super().__init__(**valued)
        self._benchmark = benchmark
        self._limits = limits or {}
        self._is_compounding = is_compounding

    # ── by session ──

    def returns(self, owner: str = AGGREGATE) -> Rows[SessionReturn]:
        """Every session's return, wealth and drawdown, in order."""
        return session_rows(self.sampled(owner))

    def drawdowns(self, owner: str = AGGREGATE) -> Rows[DatedDrawdown]:
        """Every drawdown with its dates, the deepest first."""
        return drawdowns(self.sampled(owner))

    def monthly_returns(self, owner: str = AGGREGATE) -> Rows[MonthlyReturn]:
        """Returns by month, in order."""
        return monthly_returns(self.sampled(owner))

    def yearly_returns(self, owner: str = AGGREGATE) -> Rows[YearlyReturn]:
        """Returns by year, in order."""
        return yearly_returns(self.sampled(owner))

    def rolling(
        self, owner: str = AGGREGATE, *, sessions: int = WINDOW_SESSIONS, against: Any = None
    ) -> Rows[RollingFigures]:
        """Sharpe, volatility and, against a benchmark, beta over the last so many sessions, at every session end."""
        named = self._benchmark if against is None else against
        factor = None if named is None else self._returns_of(named)
        return rolling(self.sampled(owner), sessions=sessions, benchmark=factor)

    # ── against a benchmark ──

    @cached_property
    def benchmark_returns(self) -> Float64s | None:
        """
        The configured benchmark's returns over the run's sessions, or over the last of them if it begins later.

        None when none was named, or none of its bars came. Its dividends are not in it; its splits do not show.
        """
        return None if self._benchmark is None else self._returns_of(self._benchmark)

    def benchmark(self, against: Any = None, owner: str = AGGREGATE, *, name: str = "given") -> BenchmarkComparison:
        """
        Compare an owner with a symbol of the data, with prices that are given, or with the configured benchmark.

        Prices are bars, pairs of a time and a price, a mapping, a pandas series or a polars frame of two columns;
        `name` is what they are called. Raises ConfigError for a symbol that there is not and for no benchmark at all.
        """
        named = self._benchmark if against is None else against
        if named is None:
            raise ConfigError(
                "there is no benchmark; name a symbol, give prices, or set OrchestratorConfig(benchmark=…)"
            )
        factor = self._returns_of(named)
        return compared(self.sampled(owner), factor, name=named if isinstance(named, str) else name)

    def _returns_of(self, against: Any) -> Float64s:
        if isinstance(against, str):
            one = next((one for one in self.series if one.symbol == against), None)
            if one is None:
                known = did_you_mean(against, [one.symbol for one in self.series])
                raise ConfigError(f"benchmark: there is no symbol {clipped(against)}; {known}")
            # Without its dividends, which nobody received.
            one = continuous(one, self._splits(against))
            at_us, prices = one.at_us, one.close
        else:
            at_us, prices = prices_of(against)
        return benchmark_returns(at_us, prices, sessions_at_us=self.sampled().at_us)

    # ── how much it is worth ──

    def confidence(
        self,
        owner: str = AGGREGATE,
        *,
        level: float = LEVEL,
        resamples: int = RESAMPLES,
        block_periods: float | None = None,
        seed: int = SEED,
    ) -> Confidence:
        """Intervals of Sharpe ratio and maximum drawdown by the stationary bootstrap."""
        return confidence(self.sampled(owner), level=level, resamples=resamples, block_periods=block_periods, seed=seed)

    def evidence(self, owner: str = AGGREGATE, *, trials: Sequence[float] | None = None) -> SharpeEvidence:
        """
        The probabilistic and the deflated Sharpe ratio.

        `trials` are the annual Sharpe ratios of all that was tried; if not given, those of the run's strategies.
        """
        one = self.sampled(owner)
        if trials is None:
            every = [self.sampled(name) for name in self.started.strategies]
            ratios = [sharpe(each.returns, periods_per_year=each.periods_per_year) for each in every]
            trials = [ratio for ratio in ratios if ratio is not None]
        return sharpe_evidence(one, trials=trials)

    # ── trades, exposure, capital, conflicts, costs ──

    def excursions(self, owner: str = AGGREGATE) -> Rows[Excursion]:
        """How far each closed round trip went against its owner and for it: MAE and MFE."""
        ranges = {
            one.symbol: ranges_of(one, scale=self.instruments[one.symbol].scale)
            for one in self.series
            if one.symbol in self.symbols_of(owner)
        }
        return excursions(paths_of(self._moves_of(owner)), ranges=ranges)

    def trade_statistics(self, owner: str = AGGREGATE) -> TradeStatistics:
        """What the closed round trips have in common."""
        return trade_statistics(
            self._trips_of(owner),
            excursions=self.excursions(owner),
            open_round_trips=len(open_round_trips(self._moves_of(owner))),
        )

    def exposure(self, owner: str = AGGREGATE) -> Exposure:
        """How much of the capital was at work, and how often it was renewed."""
        return exposure_of(self.curve(owner), traded_micros=self._traded_micros(owner))

    def capital(self) -> Rows[Capital]:
        """Capital asked, granted and refused: one row a strategy, and `aggregate`, their sum."""
        return capital(self.decisions, strategies=self.started.strategies)

    def capital_by_reason(self) -> Rows[CapitalByReason]:
        """Capital asked, granted and refused: one row a strategy, verdict and reason."""
        return capital_by_reason(self.decisions, strategies=self.started.strategies)

    def limit_use(self) -> Rows[LimitUse]:
        """How close each limit of the run came at the closes, and how often it bound: allocations, then all others."""
        started = self.started
        books = LimitBooks(
            self,
            strategies=started.strategies,
            capital_micros=started.capital_micros,
            is_compounding=self._is_compounding,
            rebalanced_at_us=[one.at_us for one in self.rebalances],
        )
        limits = limits_set(self._limits, strategies=started.strategies)
        return limit_use(limits, books, at_us=self.equity_curve.at_us, decisions=self.decisions)

    def conflict_pairs(self) -> Rows[ConflictPair]:
        """Conflicts by pair of strategies, kind and outcome, the most frequent first."""
        return conflict_pairs(self.conflicts, strategies=self.started.strategies)

    def costs(self) -> Rows[TradingCosts]:
        """Commission, slippage and what crossing saved: one row a strategy, and `aggregate`, their sum."""
        started = self.started
        capital_micros = dict(zip(started.strategies, started.allocated_micros, strict=True))
        capital_micros[AGGREGATE] = started.capital_micros
        return trading_costs(self.fills, capital_micros=capital_micros)

    def by_symbol(self, owner: str = AGGREGATE) -> dict[str, SymbolResult]:
        """An owner's result in each symbol that it traded, in the order of the data."""
        trips, fills = by_symbol(self._trips_of(owner)), by_symbol(self._fills_of(owner))
        return {
            symbol: SymbolResult(
                symbol,
                curve=self.symbol_curve(symbol, owner),
                round_trips=tuple(trips.get(symbol, ())),
                fills=tuple(fills.get(symbol, ())),
                benchmark=self.benchmark_returns,
            )
            for symbol in self.symbols_of(owner)
        }

    # ── between strategies ──

    def correlations(self) -> Correlations:
        """How alike each two strategies earn, fall and hold."""
        names = self.started.strategies
        held = {
            name: positions_of(
                self.curve(name), {symbol: self.symbol_curve(symbol, name) for symbol in self.symbols_of(name)}
            )
            for name in names
        }
        return correlations({name: self.sampled(name) for name in names}, positions=held)

    def contributions(self) -> Rows[Contribution]:
        """What each strategy and the pool added to the aggregate's return and risk; the last row is their sum."""
        curves = {name or "pool": curve for name, curve in self.equity_curves.items()}
        return contributions(curves, self.equity_curve)

    def without(self, strategy: str) -> Without:
        """The account had one strategy's capital lain idle: see `contributions.without`."""
        if self._known(strategy) == AGGREGATE:
            raise ConfigError(
                f"without: the aggregate is all strategies; name one: {', '.join(self.started.strategies)}"
            )
        curve = without(self.equity_curve, self.equity_curves[strategy])
        metrics = metrics_of(
            curve,
            round_trips=[trip for trip in self.round_trips if trip.strategy != strategy],
            traded_micros=_value_of(in_the_market(fill for fill in self.fills if fill.strategy != strategy)),
            benchmark=self.benchmark_returns,
        )
        return Without(strategy, curve, metrics, self.aggregate_metrics)

    def omissions(self) -> Rows[Omission]:
        """The account's chief figures without each strategy, and what each adds to them."""
        return omissions(self.without(strategy) for strategy in self.started.strategies)

    # ── what the above is made of ──

    @cached_property
    def aggregate_metrics(self) -> Metrics:
        """The account's metrics, over all strategies and the pool."""
        return metrics_of(
            self.equity_curve,
            round_trips=self.round_trips,
            traded_micros=self._traded_micros(AGGREGATE),
            benchmark=self.benchmark_returns,
        )

    def _fills_of(self, owner: str) -> tuple[Fill, ...]:
        return tuple([fill for fill in self.fills if self._known(owner) in (AGGREGATE, fill.strategy)])

    def _moves_of(self, owner: str) -> tuple[Fill | Adjustment, ...]:
        return tuple([move for move in self.moves if self._known(owner) in (AGGREGATE, move.strategy)])

    def _trips_of(self, owner: str) -> tuple[RoundTrip, ...]:
        return tuple([trip for trip in self.round_trips if self._known(owner) in (AGGREGATE, trip.strategy)])

    def _traded_micros(self, owner: str) -> int:
        fills = self._fills_of(owner)
        return _value_of(in_the_market(fills) if owner == AGGREGATE else fills)


def _value_of(fills: Iterable[Fill]) -> int:
    return sum(abs(fill.quantity * fill.price_micros) for fill in fills)
