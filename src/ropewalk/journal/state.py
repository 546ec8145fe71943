"""The state that a journal's events come to: books, counts and, where the bars are at hand, the whole result."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from operator import itemgetter, length_hint
from typing import TYPE_CHECKING, Any

import msgspec

from ropewalk.bus import Bus
from ropewalk.collectors.recorder import Recorder
from ropewalk.collectors.result import OrchestratorResult, RunJournal
from ropewalk.config import OrchestratorConfig
from ropewalk.errors import ConfigError, FeedError, LedgerError, MissingInputError, RopewalkError
from ropewalk.events import Bar, Cutoff, ExDate, Turn
from ropewalk.feeds.feed import upto
from ropewalk.journal.audience import Audience
from ropewalk.journal.links import Stretch
from ropewalk.journal.reader import parts_of
from ropewalk.journal.remaking import feed_beside
from ropewalk.market.instrument import Instrument
from ropewalk.money import currency
from ropewalk.observers.observer import attach
from ropewalk.orchestrator.walk import notes_of
from ropewalk.recording.books import Books
from ropewalk.recording.kinds import KIND_OF

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ropewalk.events import RunEnded
    from ropewalk.journal.links import Line
    from ropewalk.journal.reader import Journal

BEATS = (Bar, Turn, Cutoff, ExDate)
SEALED = ("ckpt", "footer")
UNTOLD = ("record", "result")


class Owned(msgspec.Struct, frozen=True):
    """What one owner has at the end: cash, what is reserved, and lots by symbol; all in micros and lots."""

    owner: str
    cash_micros: int
    reserved_micros: int
    quantities: dict[str, int]


class State(msgspec.Struct, frozen=True, kw_only=True):
    """
    What the events of a journal come to.

    `owners` are the strategies in their order, and the pool, whose name is empty. `wrong` says where the books are not
    those that were recorded. `record` has the events; `result` is the run's, where it ended and the bars are at hand,
    else `missing` says why there is none, and `lacks_bars` whether giving them is all that it takes. `faults` are what
    observers of this replay raised.
    """

    records: int
    status: str
    counts: dict[str, int]
    owners: tuple[Owned, ...]
    books_digest: str
    wrong: str = ""
    missing: str = ""
    lacks_bars: bool = False
    faults: tuple[str, ...] = ()
    record: Any = None
    result: Any = None

    def to_dict(self) -> dict[str, Any]:
        """Everything but the record and the result, ready for JSON."""
        told: dict[str, Any] = {name: getattr(self, name) for name in self.__struct_fields__ if name not in UNTOLD}
        told["owners"] = [msgspec.to_builtins(one) for one in self.owners]
        if self.result is not None:
            told["final_equity"] = float(self.result.final_equity)
        return told

    def __str__(self) -> str:
        lines = [f"  books {self.books_digest[:16]}…, {', '.join(f'{n} {kind}' for kind, n in self.counts.items())}"]
        for one in self.owners:
            held = ", ".join(f"{lots:+,} {symbol}" for symbol, lots in one.quantities.items()) or "nothing"
            lines.append(f"  {one.owner or 'pool'}: {currency(one.cash_micros):,} cash, holds {held}")
        if self.result is not None:
            lines.append(f"  {self.result.reconciliation}")
        elif self.missing:
            lines.append(f"  no curves and no metrics: {self.missing}")
        lines += [f"  an observer of this replay was detached: {fault}" for fault in self.faults]
        return "\n".join(lines)


def state_of(journal: Journal, *, observers: Sequence[Any] = (), data: Any = None) -> State:
    """
    Go through a journal's events, post them, and show them to observers.

    Raises JournalError at the first line that cannot be believed, ConfigError for an observer of beats.
    """
    reading = _Reading(journal, _Stage(observers) if observers else None)
    for part in parts_of(journal.source):
        if isinstance(part, Stretch):
            reading.take_all(part)
        else:
            reading.take(part)
    books, ended, wrong, stage = reading.books, reading.ended, reading.wrong, reading.stage
    record = Recorder(reading.entries)
    lacks_bars = False
    try:
        result, missing = _result(journal, books, record, ended, data) if not wrong else (None, wrong)
    except MissingInputError as error:
        result, missing, lacks_bars = None, error.found, True
    return State(
        records=reading.counts.total(),
        status="incomplete" if ended is None else ended.status,
        counts=dict(reading.counts),
        owners=_owners(books),
        books_digest=books.digest(),
        wrong=wrong,
        missing=missing,
        lacks_bars=lacks_bars,
        faults=() if stage is None else tuple(stage.faults),
        record=record,
        result=result,
    )


class _Reading:
    """A journal on its way to a state: its books so far, its events, and what is wrong with the first of them."""

    def __init__(self, journal: Journal, stage: _Stage | None) -> None:
        self.stage = stage
        self.books = Books()
        self.entries: list[tuple[int, int, Any]] = []
        self.counts: Counter[str] = Counter()
        self.ended: RunEnded | None = None
        self.wrong = ""
        self._journal = journal

    def take_all(self, part: Stretch) -> None:
        """Take lines that hold nothing but events and steps."""
        self.counts.update(part.kinds)
        numbers = range(part.number, part.number + len(part.events))
        said = zip(numbers, part.causes, part.events, strict=True)
        self._keep([(number, cause, event) for number, cause, event in said if cause is not None])

    def take(self, line: Line) -> None:
        """Take any line. Raises JournalError for one that cannot be believed."""
        at, offset, _, _, said, error = line
        if error is not None or said is None:
            raise self._journal.disbelieved(at, offset, error)
        number, kind, cause, event, about = said
        self.counts[kind] += 1
        if kind in SEALED:
            seal = event if kind == "ckpt" else about
            if not self.wrong and seal.books != self.books.digest():
                self.wrong = f"at number {number} the books are not those that were recorded"
        if event.__class__ in KIND_OF:
            self._keep([(number, cause or 0, event)])
        if kind == "footer":
            self.ended = event

    def _keep(self, entries: list[tuple[int, int, Any]]) -> None:
        self.entries += entries
        posts = map(itemgetter(2), waiting := iter(entries))
        while True:
            try:
                self.books.take_all(posts)
                break
            except LedgerError as told:
                number, _, event = entries[-1 - length_hint(waiting)]
                self.wrong = self.wrong or f"{KIND_OF[event.__class__]} {number}: {told}"
        if self.stage is not None:
            for entry in entries:
                self.stage.show(entry)


def _owners(books: Books) -> tuple[Owned, ...]:
    return tuple(
        Owned(
            owner,
            account.cash_micros,
            account.reserved_micros,
            {symbol: lots for symbol, (lots, _) in sorted(account.held.items())},
        )
        for owner, account in books.accounts.items()
    )


class _Stage:
    """A bus with nobody on it but observers."""

    def __init__(self, observers: Sequence[Any]) -> None:
        audience = Audience(observers)
        self.faults = audience.faults
        for one in audience.seats:
            beats = [beat.__name__ for beat in BEATS if beat in one.events]
            if beats:
                raise ConfigError(
                    f"{one.name} wants to hear {', '.join(beats)}, which are not in a journal; replay decisions, "
                    "or everything"
                )
        self._bus = Bus()
        attach(self._bus, audience.seats)
        self._bus.seal()

    def show(self, entry: tuple[int, int, Any]) -> None:
        self._bus.repeat(entry)


def _result(
    journal: Journal, books: Books, record: Recorder, ended: RunEnded | None, data: Any
) -> tuple[OrchestratorResult | None, str]:
    """Make the result, or say why there is none. Raises MissingInputError when only the bars are not there."""
    if ended is None or ended.status == "failed":
        return None, "the run has not ended" if ended is None else "the run failed"
    told = journal.inputs.configuration
    # What is given on purpose and does not fit must not go by in silence.
    given = None if data is None else feed_beside(journal, data)
    if "strategies" not in told or "settings" not in told:
        return None, "the journal says nothing of weights and settings"
    try:
        feed = feed_beside(journal) if given is None else given
        config = {name: told["settings"][name] for name in ("instruments", "benchmark")}
        settings = OrchestratorConfig.model_validate(config)
    except MissingInputError:
        raise
    except (FeedError, RopewalkError) as error:
        return None, str(error)
    declared = settings.instrument_map()
    series = feed.series if ended.status == "complete" else upto(feed.series, ended.at_us)
    instruments = {one.symbol: declared.get(one.symbol) or Instrument(one.symbol) for one in series}
    marks = {one.symbol: instruments[one.symbol].price_micros(float(one.close[-1])) for one in series if len(one)}
    equity = sum(
        account.cash_micros + sum(lots * marks[symbol] for symbol, (lots, _) in account.held.items())
        for account in books.accounts.values()
    )
    weights = {one["id"]: Decimal(one["weight"]) for one in told["strategies"]}
    return (
        OrchestratorResult(
            started=journal.header.event,
            ended=ended,
            weights=weights,
            record=record,
            series=series,
            instruments=instruments,
            account_equity_micros=equity,
            notes=(*feed.notes, *notes_of(told["settings"]["fill_at"], weights.values())),
            benchmark=settings.benchmark,
            limits=told["settings"].get("limits"),
            is_compounding=told["settings"].get("capital_base") != "fixed",
            journal=RunJournal(journal.run_id, "", journal.path),
        ),
        "",
    )
