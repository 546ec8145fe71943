"""
The walk: one run from its first event to its last, and the seating of everyone who takes part.

Nothing else knows all the rooms; reading `_seat` is reading who hears whom.
"""

from __future__ import annotations

from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING, Any, Protocol

from ropewalk.arbiter.arbiter import Arbiter
from ropewalk.bus import ERROR_MAX, Bus
from ropewalk.clock import Clock
from ropewalk.collectors.equity import instants_of
from ropewalk.collectors.recorder import Recorder
from ropewalk.collectors.result import OrchestratorResult, RunJournal
from ropewalk.errors import LeftAtOnce, Overdue, told
from ropewalk.events import Conflict, Decision, Fill, Intent, Lapse, RunEnded, RunStarted, RunStatus
from ropewalk.feeds.feed import upto
from ropewalk.ledger.costs import NoCommission, NoSlippage
from ropewalk.ledger.execution import Costs
from ropewalk.ledger.ledger import Ledger
from ropewalk.market.actions import continuous
from ropewalk.market.columns import ColumnHistory
from ropewalk.market.history import History
from ropewalk.market.standing import Standings
from ropewalk.money import exact_fraction, part_down
from ropewalk.observers.observer import attach
from ropewalk.orchestrator.shared_capital import fences_of, seat_capital
from ropewalk.orchestrator.strict import guarded_observers, guarded_rules, guarded_strategy
from ropewalk.orchestrator.traces import Traces
from ropewalk.orchestrator.visits import Visits
from ropewalk.plugins.footprints import Footing
from ropewalk.strategies.adapters import adapter_of, is_foretold
from ropewalk.strategies.chorus import Chorus
from ropewalk.strategies.prompter import Prompter
from ropewalk.strategies.view import View
from ropewalk.strategies.voice import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from decimal import Decimal

    from ropewalk.feeds.feed import Feed
    from ropewalk.orchestrator.foretold import Foretold
    from ropewalk.orchestrator.orchestrator import StrategyOrchestrator
    from ropewalk.orchestrator.seats import Seat
    from ropewalk.orchestrator.watchdog import Watchdog
    from ropewalk.strategies.prompter import Script


PORTION = 512
"""Entries that a writer is given at once where it is given all of them last: few enough to be at hand throughout."""


class Writer(Protocol):
    """What writes a walk's journal, or holds it against another."""

    @property
    def journal(self) -> RunJournal:
        """What was written, once it is closed."""
        ...

    def record(self, entries: Sequence[tuple[int, int, Any]]) -> None:
        """Take what the bus numbered."""
        ...

    def close(self) -> None:
        """Hear that nothing follows."""
        ...


class Walk:
    """
    One walk: everything that belongs to a single run and to nothing else.

    With a `script` what it holds of another run is said again, and strategies are asked only if there are any. `rules`
    stand in for those of the settings. What raised, and where a run hangs, is told with its stack through `tell`. Where
    it `writes_last`, its writer is given everything once the run has ended, and nothing of a run that failed.
    """

    def __init__(
        self,
        orchestrator: StrategyOrchestrator,
        feed: Feed,
        strategies: Mapping[str, Any] | None,
        observers: Sequence[Any],
        *,
        rules: Mapping[str, Any] | None = None,
        writer: Writer | None = None,
        script: Script | None = None,
        watchdog: Watchdog | None = None,
        tell: Callable[[dict[str, Any]], object] | None = None,
        writes_last: bool = False,
    ) -> None:
        own = orchestrator.config.own_rules() if rules is None else rules
        config = orchestrator.config.with_rules(guarded_rules(own) if orchestrator.config.strict else own)
        self._config = config
        self._feed = feed
        self._weights = {name: seat.weight for name, seat in orchestrator.seats.items()}
        self._capital_micros = orchestrator.capital_micros
        self._writer = writer
        self._writes_last = writes_last
        self._script = script
        self._watchdog = watchdog
        self._traces = Traces(tell)
        self._bus = Bus()
        self._bus.tracer = self._traces.take
        self._speaker: Foretold | None = None
        self._columns = self._whole_sample() if self.is_foretold(strategies) else None
        if self._columns is None:
            self._history = History(feed.series, instruments=config.instrument_map())
        else:
            self._history = self._columns
        self._seat(orchestrator.seats, strategies, observers)
        self._bus.seal()

    def is_foretold(self, strategies: Mapping[str, Any] | None) -> bool:
        """Say whether it is known before the first bar when anybody speaks; then bars in between need no walking."""
        return self._script is None and bool(strategies) and all(map(is_foretold, (strategies or {}).values()))

    def _whole_sample(self) -> ColumnHistory:
        series = self._feed.series
        instants = instants_of(one.at_us for one in series)
        return ColumnHistory(series, instants=instants, instruments=self._config.instrument_map())

    def _clock(self) -> Clock:
        if self._columns is None or self._speaker is None:
            return Clock(self._bus, self._feed.series, self._feed.actions)
        return Visits(self._bus, self._feed, self._columns, self._speaker, self._ledger)

    def _seat(self, seats: Mapping[str, Seat], strategies: Mapping[str, Any] | None, observers: Sequence[Any]) -> None:
        bus, history, config = self._bus, self._history, self._config
        history.seat(bus)
        standings = Standings(bus, seats, capital_base=config.capital_base)
        commission, slippage = config.commission_model(), config.slippage_model()
        are_none = type(commission) is NoCommission and type(slippage) is NoSlippage
        costs = Costs(commission, slippage, are_none=are_none)
        netted = config.netted_symbols(history.symbols)
        self._ledger = Ledger(bus, history, costs=costs, fill_at=config.fill_at, netted=netted, model=config.filling())
        symbols_of = {name: _in_order(seat.symbols, history.symbols) for name, seat in seats.items()}
        # Before anyone speaks: who is on paper, and what capital there is.
        seat_capital(config, bus, history, standings, weights=self._weights)
        prompter = None if self._script is None else Prompter(bus, self._script)
        if strategies is not None:
            self._seat_strategies(strategies, symbols_of, standings)
        policy, policies = config.policies()
        Arbiter(
            bus,
            history,
            standings,
            strategies=symbols_of,
            policy=policy,
            policies=policies,
            headroom_bps=config.quantity_headroom_bps,
            fences=fences_of(config, bus, history, standings, strategies=seats),
        )
        self._record = Recorder()
        bus.record(self._record.take)
        if self._writer is not None and not self._writes_last:
            bus.record(self._writer.record)
        attach(bus, guarded_observers(observers) if config.strict else observers)
        if prompter is not None:
            prompter.attend()

    def _seat_strategies(
        self, strategies: Mapping[str, Any], symbols_of: Mapping[str, tuple[str, ...]], standings: Standings
    ) -> None:
        bus, history, config = self._bus, self._history, self._config
        # Bars are published as they were traded; whole samples are handed out without jumps.
        series = {one.symbol: continuous(one, self._feed.splits) for one in self._feed.series}
        adapters = []
        for name, symbols in symbols_of.items():
            view = View(bus, history, standings[name], symbols=symbols, seed=config.seed)
            place = Place(
                bus,
                history,
                standings[name],
                view,
                series=series,
                on_error=config.on_strategy_error,
                closes_at_end=config.close_at_end,
            )
            strategy = strategies[name]
            adapters.append(adapter_of(guarded_strategy(strategy) if config.strict else strategy, place))
        self._speaker = Chorus(bus, adapters)

    def walk(self, should_stop: Callable[[], bool] | None) -> OrchestratorResult:
        """Run the clock between the two announcements, whatever happens in between."""
        started, clock = self._started(), self._clock()
        footing = Footing()
        try:
            with self._watched():
                self._bus.announce(started)
                is_complete = clock.run(should_stop=should_stop)
        except LeftAtOnce:
            # Without an end, so that the journal stays a part: whoever closes it writes what waits.
            footing.regain()
            raise
        except BaseException as raised:
            error = self._failed(raised, clock.instants)
            for note in filter(None, (self._traces.advice, footing.regain())):
                error.add_note(note)
            if error is raised:
                raise
            raise error from raised
        left_behind = footing.regain()
        try:
            with self._watched():
                ended = self._end("complete" if is_complete else "stopped", "", clock.instants)
        except Overdue as raised:
            raise self._traces.worded(raised, self._bus, self._watchdog) from raised
        self._ledger.audit()
        if self._writer is not None:
            if self._writes_last:
                entries = list(self._record)
                for start in range(0, len(entries), PORTION):
                    self._writer.record(entries[start : start + PORTION])
            self._writer.close()
        return OrchestratorResult(
            started=started,
            ended=ended,
            weights=self._weights,
            record=self._record,
            # What did not happen has no part in a result.
            series=self._feed.series if is_complete else upto(self._feed.series, ended.at_us),
            instruments=self._history.instruments,
            account_equity_micros=self._ledger.account_equity_micros(),
            notes=(
                *self._feed.notes,
                *notes_of(self._config.fill_at, self._weights.values()),
                *filter(None, (left_behind,)),
            ),
            benchmark=self._config.benchmark,
            limits=self._config.limits.recorded(),
            is_compounding=self._config.capital_base == "compounding",
            journal=None if self._writer is None else self._writer.journal,
            tracebacks=self._traces.kept,
            left_changed=footing.changes,
        )

    def _started(self) -> RunStarted:
        return RunStarted(
            self._feed.first_us,
            self._capital_micros,
            tuple(self._weights),
            tuple(part_down(self._capital_micros, exact_fraction(weight)) for weight in self._weights.values()),
            self._feed.symbols,
            self._feed.digest,
        )

    def _watched(self) -> AbstractContextManager[None]:
        bus, watchdog = self._bus, self._watchdog
        if watchdog is None:
            return nullcontext()
        seconds = watchdog.seconds
        return watchdog.watching(
            lambda: (bus.instant_us, bus.number, bus.next), lambda stack: self._traces.hang(bus, seconds, stack)
        )

    def _failed(self, raised: BaseException, instants: int) -> BaseException:
        """Say that the run has failed, and to whoever gets the error, why."""
        error = self._traces.worded(raised, self._bus, self._watchdog)
        with suppress(Overdue), self._watched():
            self._bus.abandon()
            self._end("failed", told(error)[:ERROR_MAX], instants)
        return error

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


def notes_of(fill_at: str, weights: Iterable[Decimal]) -> Iterator[str]:
    """Say what in a run's settings whoever reads its result has to know."""
    if fill_at == "close":
        yield "filled at the close of the bar that was decided on, which nobody can do"
    if sum(weights) > 1:
        yield "weights sum to more than 1; the pool lends the rest free of interest"


def _in_order(symbols: Sequence[str] | None, known: tuple[str, ...]) -> tuple[str, ...]:
    return known if symbols is None else tuple(symbol for symbol in known if symbol in symbols)
