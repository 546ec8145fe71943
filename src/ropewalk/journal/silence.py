"""
Silence: why a strategy did nothing with a symbol at a time.

It may not have been shown the symbol, there may have been no bar, it may have been suspended, have had an order
resting, been refused, or have been asked and wanted nothing.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, NamedTuple

from ropewalk.errors import FeedError, JournalError, clipped, did_you_mean
from ropewalk.events import Decision, Fault, Fill, Intent, Lapse, RunEnded
from ropewalk.feeds.feed import bound_us
from ropewalk.journal.stories import Part, Passage, Story
from ropewalk.journal.teller import Teller
from ropewalk.journal.words import DAY_US, ENDS, FAULTS, REASONS, listed, moment, money, wanted
from ropewalk.notation import timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ropewalk.journal.timeline import Timeline


class Span(NamedTuple):
    """The times that were asked about, both included, and how they are called."""

    first_us: int
    last_us: int
    name: str


def silence(timeline: Timeline, *, strategy: str, symbol: str, at: str | date | time) -> Story:
    """
    Explain what a strategy did, or why it did nothing, with a symbol at a time.

    Raises JournalError for a strategy or a symbol that the run does not have, and for a time outside its data.
    """
    started = timeline.started
    if strategy not in started.strategies:
        raise JournalError(f"this run has no strategy {strategy!r}; {did_you_mean(strategy, started.strategies)}")
    if symbol not in started.symbols:
        raise JournalError(f"this run has no symbol {symbol!r}; {did_you_mean(symbol, started.symbols)}")
    span = _span(timeline, at)
    quiet = _Quiet(timeline, strategy, symbol, span)
    return Story(
        label=timeline.journal.label,
        run=timeline.journal.run_id,
        title=f"{strategy} and {symbol} on {span.name}: {quiet.answer()}",
        passages=tuple(quiet.passages()),
        notes=timeline.circumstances,
        exit_code=timeline.exit_code,
    )


def _span(timeline: Timeline, at: str | date | time) -> Span:
    data = timeline.journal.inputs.data
    first, last = min(one.first for one in data), max(one.last for one in data)
    asked = _moment(at, first, last)
    try:
        first_us, last_us = bound_us(asked, "at"), bound_us(asked, "at", whole_days=1)
    except FeedError as error:
        raise JournalError(str(error)) from None
    if last_us < first or first_us > last:
        raise JournalError(f"{moment(first_us)} is outside the data of this run, {moment(first)} to {moment(last)}")
    return Span(first_us, last_us, moment(first_us))


def _moment(at: str | date | time, first_us: int, last_us: int) -> str | date:
    if isinstance(at, str):
        try:
            at = time.fromisoformat(at) if ":" in at[:3] else at
        except ValueError:
            raise JournalError(f"at {clipped(at)} is no time; write it as in 2020-01-31T14:30") from None
    if not isinstance(at, time):
        return at
    if first_us // DAY_US != last_us // DAY_US:
        raise JournalError(
            f"at {at.isoformat()} is a time without a date, and the data go from {moment(first_us)} to "
            f"{moment(last_us)}; write it as in {timestamp(first_us):%Y-%m-%d}T{at:%H:%M}"
        )
    return datetime.combine(timestamp(first_us).date(), at, at.tzinfo or UTC)


class _Quiet:
    """What one strategy had to do with one symbol around a time."""

    def __init__(self, timeline: Timeline, strategy: str, symbol: str, span: Span) -> None:
        self.timeline = timeline
        self.strategy = strategy
        self.symbol = symbol
        self.span = span
        self.teller = Teller(timeline, symbol)
        self.every = [number for number, _ in timeline.of(Intent, strategy=strategy, symbol=symbol)]
        self.here = [one for one in self.every if span.first_us <= self._at(one) <= span.last_us]
        self.bars = timeline.bars.between(symbol, span.first_us, span.last_us)
        # Where something was numbered in that time, the run had got there, with or without bars beside it.
        self.reached = max(record.at_us or 0 for record in timeline.records.values())
        self.silenced = self._silenced()
        self.rested = self._rested()
        ends = (timeline.end_of(decision) for decision in self.rested)
        self.ended = [one for one in ends if one is not None and self._at(one) <= span.last_us]

    def answer(self) -> str:
        """Say in a clause what it was."""
        if self.here:
            return self._wanted()
        if not self._is_shown():
            return "it is not shown that symbol"
        if self.silenced is not None:
            return f"it had been suspended since {moment(self._at(self.silenced))}"
        if self._is_behind():
            return "the run had ended before"
        if not self.bars and not self.timeline.bars.missing:
            return f"there was no bar of {self.symbol}"
        if self.ended:
            return (
                f"it wanted nothing new; what it had wanted before came to its end, {self.teller.counted(self.ended)}"
            )
        if self.timeline.bars.missing:
            return "it wanted nothing, if it was asked: the bars are not known"
        return "it was asked and wanted nothing"

    def _wanted(self) -> str:
        if len(self.here) > 1:
            return f"it wanted something, {self.teller.counted(self.here)}"
        (intent,) = self.here
        return f"it wanted {wanted(self.timeline.records[intent].event)}{self._end_of(intent)}"

    def passages(self) -> Iterator[Passage]:
        """Tell how things stood, what was wanted, and what was before and after."""
        yield self._told("seat", self._seat())
        yield self._told("bar", self._bar())
        yield self._told("book", self._book())
        for number in self.rested:
            yield self.teller.passage(number, "standing")
        on_paper = self.timeline.suspension_of(self.strategy, before=self._begin())
        for suspended in (on_paper, self.silenced):
            if suspended is not None:
                yield self.teller.passage(suspended, "standing")
        for intent in self.here:
            yield self.teller.passage(intent, "event")
            yield from self._fate(intent)
        for number in self.ended:
            yield from self._end(number, "event")
        if not self.here:
            yield Passage(part="event", kind="nothing", sentences=tuple(self._nothing()))
        yield from self._around()

    def _told(self, kind: str, sentences: Iterator[str]) -> Passage:
        return Passage(part="standing", kind=kind, sentences=tuple(sentences))

    def _at(self, number: int) -> int:
        return self.timeline.records[number].at_us or 0

    def _is_shown(self) -> bool:
        shown = self._shown()
        return shown is None or self.symbol in shown

    def _shown(self) -> list[str] | None:
        seats = self.timeline.journal.inputs.configuration.get("strategies") or []
        symbols = next((one.get("symbols") for one in seats if one.get("id") == self.strategy), None)
        return list(symbols) if isinstance(symbols, list | tuple) else None

    def _is_behind(self) -> bool:
        end = self.timeline.records[self.timeline.last].event
        return self.reached < self.span.first_us and getattr(end, "status", "") != "complete"

    def _seat(self) -> Iterator[str]:
        shown = self._shown()
        yield f"{self.strategy} is shown {'every symbol' if shown is None else listed(shown)}"
        if self._is_behind():
            end = self.timeline.records[self.timeline.last].event
            why = ENDS[end.status] if isinstance(end, RunEnded) else "the journal is not finished"
            yield f"{why}, and got as far as {moment(self.reached)}"

    def _bar(self) -> Iterator[str]:
        bars, symbol, span = self.timeline.bars, self.symbol, self.span
        if bars.missing:
            yield "whether there was a bar is not known without them"
            return
        if self.bars:
            yield self.teller.ohlc(self.bars[0])
            if len(self.bars) > 1:
                last = self.bars[-1]
                yield f"it had {len(self.bars)} bars, the last, of {moment(last.at_us)}: {self.teller.ohlc(last)}"
            return
        before, after = bars.until(symbol, span.first_us), bars.after(symbol, span.last_us)
        yield f"{symbol} had no bar then"
        if before is not None:
            yield f"the one before is of {moment(before.at_us)}"
        if after is not None:
            yield f"the one after is of {moment(after.at_us)}"

    def _book(self) -> Iterator[str]:
        account = self.timeline.books(before=self._begin()).accounts[self.strategy]
        lots, cost = account.held.get(self.symbol, (0, 0))
        held = self.teller.holding(self.symbol, lots, cost)
        yield f"it held {held}, and had {money(account.cash_micros)} of cash, {money(account.reserved_micros)} reserved"

    def _begin(self) -> int:
        """Name the first record of the time that was asked about, or the one behind the last before it."""
        # The funding of the books is at the first instant, before its bars.
        funding = (0, *self.timeline.effects(0))
        begun = (number for number in self.timeline.records if self._at(number) >= self.span.first_us)
        return next((number for number in begun if number not in funding), self.timeline.last + 1)

    def _rested(self) -> list[int]:
        begin, timeline = self._begin(), self.timeline
        return [
            number
            for number, decision in timeline.of(Decision, strategy=self.strategy, symbol=self.symbol)
            if number < begin and decision.verdict != "refused" and (timeline.end_of(number) or begin) >= begin
        ]

    def _silenced(self) -> int | None:
        for number, record in self.timeline.records.items():
            fault = record.event
            if isinstance(fault, Fault) and fault.source == self.strategy and fault.at_us <= self.span.last_us:
                return number
        return None

    def _fate(self, intent: int) -> Iterator[Passage]:
        timeline = self.timeline
        if intent in timeline.conflict_of:
            yield self.teller.passage(timeline.conflict_of[intent], "event")
        decision = timeline.decision_of(intent)
        if decision is None:
            yield Passage(part="event", kind="nothing", sentences=("the journal ends before its decision",))
            return
        yield self.teller.passage(decision, "event")
        end = timeline.end_of(decision)
        if end is not None:
            yield from self._end(end, "outcome")

    def _end(self, number: int, part: Part) -> Iterator[Passage]:
        yield self.teller.passage(number, part)
        if isinstance(self.timeline.records[number].event, Fill):
            yield self.teller.posting(number, part)

    def _nothing(self) -> Iterator[str]:
        yield self.answer()
        if self.silenced is not None:
            fault = self.timeline.records[self.silenced].event
            yield f"its fault is number {self.silenced}: {FAULTS[fault.action]}"

    def _around(self) -> Iterator[Passage]:
        """Name the intents before and after, so that one can ask further."""
        before = [one for one in self.every if self._at(one) < self.span.first_us]
        after = [one for one in self.every if self._at(one) > self.span.last_us]
        for word, found in (("last", before[-1:]), ("next", after[:1])):
            for number in found:
                end = self._end_of(number)
                told = self.teller.passage(number, "around")
                said = f"its {word} intent on {self.symbol}: {told.sentences[0]}{end}"
                yield Passage(
                    part="around", kind=word, sentences=(said,), number=number, at_us=told.at_us, said=told.said
                )
        if not before and not after and not self.here:
            yield Passage(part="around", kind="never", sentences=(f"it never wanted anything of {self.symbol}",))

    def _end_of(self, intent: int) -> str:
        decision = self.timeline.decision_of(intent)
        if decision is None:
            return " (its decision is not in this journal)"
        said = self.timeline.records[decision].event
        end = self.timeline.end_of(decision)
        if said.verdict == "refused":
            return f" (refused, since {REASONS[said.reason]})"
        if end is None:
            return f" ({said.verdict}, not filled in this journal)"
        ended = "lapsed" if isinstance(self.timeline.records[end].event, Lapse) else "filled"
        return f" ({said.verdict}, {ended} as {end})"
