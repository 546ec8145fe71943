"""
The orchestrator: the composition root. It seats everyone on the bus, runs the clock, and hands out the result.

Nothing else knows all the rooms; reading `_seat` is reading who hears whom.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from ropewalk.arbiter.arbiter import Arbiter
from ropewalk.bus import Bus
from ropewalk.clock import Clock
from ropewalk.collectors.recorder import Recorder
from ropewalk.collectors.result import OrchestratorResult
from ropewalk.config import OrchestratorConfig
from ropewalk.errors import ConfigError, clipped, did_you_mean
from ropewalk.events import Conflict, Decision, Fill, Intent, Lapse, RunEnded, RunStarted, RunStatus
from ropewalk.feeds.anything import feed_of
from ropewalk.ledger.costs import NoCommission, NoSlippage
from ropewalk.ledger.execution import Costs
from ropewalk.ledger.ledger import Ledger
from ropewalk.market.actions import continuous, extremes
from ropewalk.market.history import History
from ropewalk.market.instrument import Instrument
from ropewalk.market.standing import Standings
from ropewalk.money import MICROS_MAX, exact_fraction, exact_micros, exact_text, part_down
from ropewalk.observers.audit_log import audit_logs
from ropewalk.observers.observer import attach
from ropewalk.strategies.adapters import adapter_of
from ropewalk.strategies.chorus import Chorus
from ropewalk.strategies.pristine import Pristine
from ropewalk.strategies.view import View
from ropewalk.strategies.voice import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ropewalk.feeds.feed import Feed

ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
RESERVED_IDS = ("aggregate", "account", "pool")


class Seat(NamedTuple):
    """A strategy, its share of the capital, and the symbols it is shown; None is all of them."""

    strategy: Any
    weight: Decimal
    symbols: tuple[str, ...] | None = None


class StrategyOrchestrator:
    """
    Runs many strategies as one portfolio.

    `strategies_with_weights` is a list of `(strategy, weight)`, named `strategy_0`, `strategy_1`, … or a
    mapping from ids to such pairs; a third entry, a list, says which symbols it is shown and may trade. Weights
    are Decimals, texts or ints above 0 that sum to at most 1; the rest of the capital stays in the pool.

    Raises ConfigError, which is a ValueError, for weights, ids or capital that cannot be.
    """

    def __init__(
        self,
        strategies_with_weights: Sequence[Any] | Mapping[str, Any],
        initial_capital: Decimal | str | int = Decimal("100000"),
        config: OrchestratorConfig | None = None,
    ) -> None:
        self.config = config if config is not None else OrchestratorConfig()
        if not isinstance(self.config, OrchestratorConfig):
            raise ConfigError(f"config is {clipped(config)}; give an OrchestratorConfig or None")
        try:
            self.capital_micros = exact_micros(initial_capital)
        except ValueError as error:
            raise ConfigError(f"initial_capital: {error}") from None
        if self.capital_micros <= 0:
            raise ConfigError(f"initial_capital is {initial_capital}; it must be above 0")
        self.seats = _seats(strategies_with_weights, validate_weights=self.config.validate_weights)
        self._pristine: Pristine | None = None

    def run(
        self,
        historical_data: Any,
        *,
        observers: Sequence[Any] = (),
        should_stop: Callable[[], bool] | None = None,
    ) -> OrchestratorResult:
        """
        Walk the data once and return what it came to.

        `historical_data` is a Feed, a mapping from symbols to lists of bars, one list of bars, a long
        polars, pandas or pyarrow table, or the path of a CSV or Parquet file. `observers` are functions
        or objects marked with `@observer(...)`. `should_stop` is asked before each instant.

        The first run uses the strategy objects as they were given; each later one begins with copies
        of how they were then. Raises FeedError for data that cannot be believed, StrategyError when
        a strategy raises and the configuration says stop, ConfigError for symbols that are not there.
        """
        if not isinstance(observers, (list, tuple)):
            raise ConfigError(f"observers is {clipped(observers)}; give a list of observers")
        feed = feed_of(historical_data)
        self._check_symbols(feed)
        self._check_prices(feed)
        with audit_logs(self.config.log_directory, level=self.config.logging_level) as logs:
            return _Run(self, feed, self._strategies(), (*observers, *logs)).walk(should_stop)

    def _check_symbols(self, feed: Feed) -> None:
        named = [(f"strategy {name!r}", seat.symbols or ()) for name, seat in self.seats.items()]
        named.append(("instruments", tuple(self.config.instruments)))
        named.append(("benchmark", (self.config.benchmark,) if self.config.benchmark is not None else ()))
        for where, symbols in named:
            for symbol in symbols:
                if symbol not in feed.symbols:
                    raise ConfigError(f"{where}: the data have no {symbol!r}; {did_you_mean(symbol, feed.symbols)}")

    def _check_prices(self, feed: Feed) -> None:
        instruments = self.config.instrument_map()
        for one in feed.series:
            instrument = instruments.get(one.symbol) or Instrument(one.symbol)
            low, high = extremes(one, feed.splits)
            if instrument.price_micros(low) < 1:
                raise ConfigError(
                    f"{one.symbol}: a lot of {instrument.lot} at {low} is less than a millionth of the currency; "
                    f"declare a larger lot: instruments={{{one.symbol!r}: {{'lot': '1000'}}}}"
                )
            if instrument.price_micros(high) > MICROS_MAX:
                raise ConfigError(
                    f"{one.symbol}: a lot of {instrument.lot} at {high} is more than is kept exactly; "
                    "declare a smaller lot"
                )

    def _strategies(self) -> dict[str, Any]:
        if self._pristine is not None:
            return self._pristine.fresh()
        given = {name: seat.strategy for name, seat in self.seats.items()}
        self._pristine = Pristine(given)
        return given


class _Run:
    """One walk: everything that belongs to a single run and to nothing else."""

    def __init__(
        self, orchestrator: StrategyOrchestrator, feed: Feed, strategies: Mapping[str, Any], observers: Sequence[Any]
    ) -> None:
        config = orchestrator.config
        self._config = config
        self._feed = feed
        self._weights = {name: seat.weight for name, seat in orchestrator.seats.items()}
        self._capital_micros = orchestrator.capital_micros
        self._bus = Bus()
        self._history = History(feed.series, instruments=config.instrument_map())
        self._seat(orchestrator.seats, strategies, observers)
        self._bus.seal()

    def _seat(self, seats: Mapping[str, Seat], strategies: Mapping[str, Any], observers: Sequence[Any]) -> None:
        bus, history, config = self._bus, self._history, self._config
        history.seat(bus)
        standings = Standings(bus, seats, capital_base=config.capital_base)
        commission, slippage = config.commission_model(), config.slippage_model()
        are_none = type(commission) is NoCommission and type(slippage) is NoSlippage
        costs = Costs(commission, slippage, are_none)
        self._ledger = Ledger(bus, history, costs=costs, fill_at=config.fill_at)
        # Bars are published as they were traded; whole samples are handed out without jumps.
        series = {one.symbol: continuous(one, self._feed.splits) for one in self._feed.series}
        adapters = []
        symbols_of = {name: _in_order(seat.symbols, history.symbols) for name, seat in seats.items()}
        for name, symbols in symbols_of.items():
            view = View(bus, history, standings[name], symbols=symbols, seed=config.seed)
            place = Place(
                bus, history, standings[name], view, symbols, series, config.on_strategy_error, config.close_at_end
            )
            adapters.append(adapter_of(strategies[name], place))
        Chorus(bus, adapters)
        Arbiter(
            bus,
            history,
            standings,
            strategies=symbols_of,
            policy=config.conflict_policy,
            headroom_bps=config.quantity_headroom_bps,
        )
        self._record = Recorder(bus)
        attach(bus, observers)

    def walk(self, should_stop: Callable[[], bool] | None) -> OrchestratorResult:
        """Run the clock between the two announcements, whatever happens in between."""
        started = RunStarted(
            self._feed.first_us,
            self._capital_micros,
            tuple(self._weights),
            tuple(part_down(self._capital_micros, exact_fraction(weight)) for weight in self._weights.values()),
            self._feed.symbols,
            self._feed.digest,
        )
        clock = Clock(self._bus, self._feed.series, self._feed.actions)
        try:
            self._bus.announce(started)
            is_complete = clock.run(should_stop=should_stop)
        except BaseException as error:
            self._bus.abandon()
            self._end("failed", f"{type(error).__name__}: {error}", clock.instants)
            raise
        ended = self._end("complete" if is_complete else "stopped", "", clock.instants)
        self._ledger.audit()
        return OrchestratorResult(
            started=started,
            ended=ended,
            weights=self._weights,
            record=self._record,
            series=self._feed.series,
            instruments=self._history.instruments,
            account_equity_micros=self._ledger.account_equity_micros(),
            notes=(*self._feed.notes, *self._own_notes()),
            benchmark=self._config.benchmark,
        )

    def _own_notes(self) -> Iterator[str]:
        if self._config.fill_at == "close":
            yield "filled at the close of the bar that was decided on, which nobody can do"
        if sum(self._weights.values()) > 1:
            yield "weights sum to more than 1; the pool lends the rest free of interest"

    def _end(self, status: RunStatus, reason: str, instants: int) -> RunEnded:
        counts = self._record.counts()
        counted = (counts.get(kind, 0) for kind in (Intent, Decision, Conflict, Fill, Lapse))
        ended = RunEnded(max(self._bus.instant_us, self._feed.first_us), status, reason, instants, *counted)
        if status == "failed":
            self._bus.publish(ended)
            self._bus.abandon()
        else:
            self._bus.announce(ended)
        return ended


def _in_order(symbols: Sequence[str] | None, known: tuple[str, ...]) -> tuple[str, ...]:
    return known if symbols is None else tuple(symbol for symbol in known if symbol in symbols)


def _seats(given: Any, *, validate_weights: bool) -> dict[str, Seat]:
    if not given or not isinstance(given, (Mapping, list, tuple)):
        raise ConfigError(
            f"strategies_with_weights is {clipped(given)}; give a list of (strategy, weight) or a mapping id → "
            "(strategy, weight), in the order of the seats"
        )
    listed = given if isinstance(given, Mapping) else {f"strategy_{seat}": one for seat, one in enumerate(given)}
    seats = {_checked_id(name): _seat_of(name, entry) for name, entry in listed.items()}
    total = sum((exact_fraction(seat.weight) for seat in seats.values()), start=exact_fraction(0))
    if validate_weights and total > 1:
        shares = ", ".join(f"{name} {seat.weight}" for name, seat in seats.items())
        raise ConfigError(
            f"weights sum to {exact_text(total)} ({shares}); they may sum to at most 1, what is left stays in the pool"
        )
    return seats


def _checked_id(name: Any) -> str:
    if not isinstance(name, str) or not ID.fullmatch(name) or name in RESERVED_IDS or name.startswith("."):
        raise ConfigError(
            f"strategy id {clipped(name)}: use 1 to 64 of A–Z a–z 0–9 . _ -, not beginning with a dot, and none of "
            + ", ".join(RESERVED_IDS)
        )
    return name


def _seat_of(name: str, entry: Any) -> Seat:
    if not isinstance(entry, tuple | list) or len(entry) not in (2, 3):
        raise ConfigError(f"strategy {name!r} is given as {clipped(entry)}; give (strategy, weight)")
    strategy, weight = entry[0], entry[1]
    if isinstance(strategy, type):
        raise ConfigError(f"strategy {name!r} is the class {strategy.__name__}; give an object, {strategy.__name__}()")
    if isinstance(weight, bool) or not isinstance(weight, (Decimal, str, int)):
        raise ConfigError(
            f"strategy {name!r}: weight {clipped(weight)} is a {type(weight).__name__}; give Decimal, text or int, "
            "such as Decimal('0.3'), since a float cannot say 0.1 exactly"
        )
    try:
        exact = exact_fraction(weight)
    except ValueError as error:
        raise ConfigError(f"strategy {name!r}: weight: {error}") from None
    if exact <= 0:
        raise ConfigError(f"strategy {name!r}: weight is {weight}; each weight must be above 0")
    symbols = entry[2] if len(entry) == 3 else None
    if symbols is not None:
        if not isinstance(symbols, (list, tuple)) or not symbols or not all(isinstance(one, str) for one in symbols):
            raise ConfigError(f"strategy {name!r}: symbols is {clipped(symbols)}; give a list of symbols or None")
        symbols = tuple(dict.fromkeys(symbols))
    return Seat(strategy, Decimal(weight), symbols)
