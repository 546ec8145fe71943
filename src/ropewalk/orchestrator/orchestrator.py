"""The orchestrator: many strategies, their shares of one pot, and what is done with them: run after run."""

from __future__ import annotations

from contextlib import nullcontext
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ropewalk.config import OrchestratorConfig
from ropewalk.errors import ConfigError, clipped, did_you_mean
from ropewalk.feeds.anything import feed_of
from ropewalk.feeds.copies import save_bars
from ropewalk.ledger.fill_models import VolumeShare
from ropewalk.market.actions import extremes
from ropewalk.market.instrument import Instrument
from ropewalk.money import MICROS_MAX, exact_micros
from ropewalk.observers.audit_log import audit_logs
from ropewalk.orchestrator.inputs import inputs_of
from ropewalk.orchestrator.seats import seats_of
from ropewalk.orchestrator.walk import Walk
from ropewalk.orchestrator.watchdog import Watchdog
from ropewalk.recording.recording import recording_of
from ropewalk.recording.steps import canonical_times
from ropewalk.recording.writer import JournalWriter, run_folder
from ropewalk.strategies.pristine import Cast, Pristine

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from ropewalk.collectors.result import OrchestratorResult
    from ropewalk.feeds.feed import Feed
    from ropewalk.orchestrator.profile import Profile
    from ropewalk.recording.inputs import Inputs
    from ropewalk.recording.recording import Origin, Recording

ROWS_COPIED_MAX = 250_000
"""Bars up to which a recorded run keeps its own copy of the data; whoever replays a larger one has to bring them."""


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
        self.seats = seats_of(strategies_with_weights, validate_weights=self.config.validate_weights)
        for place, name in self.config.named_strategies():
            if name not in self.seats:
                raise ConfigError(f"{place}: there is no strategy {name!r}; {did_you_mean(name, self.seats)}")
        self._pristine: Pristine | None = None

    def run(
        self,
        historical_data: Any,
        *,
        observers: Sequence[Any] = (),
        journal: str | Path | Recording | None = None,
        should_stop: Callable[[], bool] | None = None,
        watchdog: Watchdog | None = None,
        profile: Profile | None = None,
    ) -> OrchestratorResult:
        """
        Walk the data once and return what it came to.

        `historical_data` is a Feed, a mapping from symbols to lists of bars, one list of bars, a long
        polars, pandas or pyarrow table, or the path of a CSV or Parquet file. `observers` are functions
        or objects marked with `@observer(...)`. `journal` is a folder to record the run into, or a Recording
        that says more. `should_stop` is asked before each instant. A `watchdog` wins over the `watchdog_seconds` of the
        configuration. A `profile` is told what each part of the run cost.

        The first run uses the strategies, and a policy and cost models of one's own, as they were given; each later
        one begins with copies of how they were then. Raises FeedError for data that cannot be believed, StrategyError
        when a strategy raises and the configuration says stop, ConfigError for symbols that are not there,
        JournalError when the journal cannot be written.
        """
        if not isinstance(observers, (list, tuple)):
            raise ConfigError(f"observers is {clipped(observers)}; give a list of observers")
        feed = feed_of(historical_data)
        self.check(feed)
        recording = recording_of(journal)
        cast = self._cast()
        with (
            audit_logs(self.config.log_directory, level=self.config.logging_level) as logs,
            self._written(recording, feed, cast) as writer,
        ):
            hearing = (*observers, *logs)
            beside: dict[str, Any] = {
                "writer": writer,
                "watchdog": self._watchdog() if watchdog is None else watchdog,
                "tell": None if writer is None else writer.fault,
            }
            if profile is None:
                return Walk(self, feed, cast.strategies, hearing, rules=cast.rules, **beside).walk(should_stop)
            with profile.of(cast, self.config, hearing) as (timed, timed_hearing):
                walk = Walk(self, feed, timed.strategies, timed_hearing, rules=timed.rules, **beside)
                return walk.walk(should_stop)

    def _watchdog(self) -> Watchdog | None:
        seconds = self.config.watchdog_seconds
        return Watchdog(seconds) if seconds else None

    def inputs(self, feed: Feed, cast: Cast | None = None, *, origins: Mapping[str, Origin] | None = None) -> Inputs:
        """
        Say what a run over some bars would follow from; `run_id` of it names the run.

        The `cast` is the one that was given, unless it is said which.
        """
        cast = self._given() if cast is None else cast
        return inputs_of(
            self.config.with_rules(cast.rules),
            self.seats,
            cast.strategies,
            capital_micros=self.capital_micros,
            feed=feed,
            origins=origins or {},
        )

    def _written(
        self, recording: Recording | None, feed: Feed, cast: Cast
    ) -> AbstractContextManager[JournalWriter | None]:
        if recording is None:
            return nullcontext()
        return journal_writer(recording, feed, self.inputs(feed, cast, origins=recording.origins))

    def check(self, feed: Feed) -> None:
        """
        Raise ConfigError unless every symbol that is named has bars, at prices that can be kept exactly.

        Where orders fill by the volume of bars, every symbol needs some.
        """
        self._check_symbols(feed)
        self._check_prices(feed)
        if isinstance(self.config.filling(), VolumeShare):
            _check_volumes(feed)

    def _check_symbols(self, feed: Feed) -> None:
        named = [(f"strategy {name!r}", seat.symbols or ()) for name, seat in self.seats.items()]
        for where, symbols in (*named, *self.config.named_symbols()):
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

    def _given(self) -> Cast:
        return Cast({name: seat.strategy for name, seat in self.seats.items()}, self.config.own_rules())

    def _cast(self) -> Cast:
        if self._pristine is not None:
            return self._pristine.fresh()
        given = self._given()
        self._pristine = Pristine(given)
        return given


def _check_volumes(feed: Feed) -> None:
    for one in feed.series:
        if not (one.volume > 0).any():
            raise ConfigError(
                f"fill_model: the bars of {one.symbol} have no volume, so no order would ever fill by a share of it; "
                "bring bars with their volume, or let orders fill whole"
            )


def journal_writer(recording: Recording, feed: Feed, inputs: Inputs) -> JournalWriter:
    """
    Open the journal of a run, and keep a copy of its bars beside it if that can be done.

    Raises JournalError when the journal cannot be written.
    """
    folder = None if recording.folder is None else run_folder(recording.folder, inputs)
    times = canonical_times(feed.series)
    writer = JournalWriter(folder, inputs=inputs, times=times, mode=recording.mode, again=recording.again)
    if folder is not None:
        try:
            if lacking := _lacking(feed, folder):
                writer.note(f"no copy of the bars is beside the journal, {lacking}; keep them to replay it")
        except BaseException:
            writer.close()
            raise
    return writer


def _lacking(feed: Feed, folder: Path) -> str:
    """Copy the bars beside the journal, or say why they are not there: they are no part of it, and may be brought."""
    if feed.rows > ROWS_COPIED_MAX:
        return f"since {feed.rows:,} are more than {ROWS_COPIED_MAX:,}"
    try:
        save_bars(feed, folder / "data")
    except OSError as error:
        return f"since it could not be written: {error.strerror or error}"
    return ""
