"""The teller: puts one record into sentences, with what the records around it add."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec

from ropewalk.events import Decision, Fill, Intent, Rebalance, RunEnded, RunStarted, Transfer
from ropewalk.journal.sentences import SENTENCES, side_of
from ropewalk.journal.stories import Part, Passage
from ropewalk.journal.words import (
    ENDS,
    LIMITED,
    REASONS,
    counted,
    listed,
    lots_of,
    moment,
    money,
    plainly,
    price,
    quoted,
    share,
    wanted,
)
from ropewalk.reasons import COUNTED
from ropewalk.recording.kinds import Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ropewalk.events import Bar
    from ropewalk.journal.timeline import Timeline

SYMBOLS_SHOWN = 8


class Teller:
    """Tells records of one timeline. `symbol` is the one that the story is about; empty for all."""

    def __init__(self, timeline: Timeline, symbol: str = "") -> None:
        self.timeline = timeline
        self.symbol = symbol
        self._fills_in_parts = "fill_model" in timeline.settings
        self._tells: dict[type, Any] = {
            RunStarted: self._started,
            Step: self._step,
            Intent: self._intent,
            Decision: self._decision,
            Fill: self._fill,
            Transfer: self._transfer,
            RunEnded: self._ended,
        }

    def passage(self, number: int, part: Part) -> Passage:
        """Tell a record."""
        record = self.timeline.records[number]
        return Passage(
            part=part,
            kind=self.kind(number),
            sentences=tuple(self.told(number)),
            number=number,
            at_us=record.at_us,
            said=msgspec.to_builtins(record.event),
        )

    def kind(self, number: int) -> str:
        """Name what a record is here: a step is the bar of the symbol that the story is about."""
        kind = self.timeline.records[number].kind
        return "bar" if kind == "step" and self.symbol else kind

    def told(self, number: int) -> Iterator[str]:
        """Tell a record sentence by sentence; the first says what it is."""
        event = self.timeline.records[number].event
        tell = self._tells.get(event.__class__)
        if tell is not None:
            yield from tell(number, event)
        elif event.__class__ in SENTENCES:
            yield from SENTENCES[event.__class__](event, self.lots)
        else:
            said = msgspec.to_builtins(event)
            yield plainly({name: value for name, value in said.items() if name != "t"})

    def posting(self, number: int, part: Part) -> Passage:
        """Tell what a fill did to its strategy's book."""
        fill = self.timeline.records[number].event
        return Passage(
            part=part, kind="posting", sentences=tuple(self._posted(number, fill)), number=number, at_us=fill.at_us
        )

    def title(self, number: int) -> str:
        """Say in one line what a record is."""
        record = self.timeline.records[number]
        first = next(self.told(number))
        at = "" if record.at_us is None else f" of {moment(record.at_us)}"
        return f"{record.kind} {number}{at}: {first}"

    def lots(self, symbol: str, lots: int) -> str:
        """Show a number of lots of a symbol."""
        return lots_of(symbol, lots, self.timeline.lot(symbol))

    def holding(self, symbol: str, lots: int, cost_micros: int) -> str:
        """Show a position and what it cost; what is short brought that in."""
        if not lots:
            return f"no {symbol}"
        return f"{self.lots(symbol, lots)} that {'cost' if lots > 0 else 'brought'} {money(abs(cost_micros))}"

    def ohlc(self, bar: Bar) -> str:
        """Show a bar's prices."""
        opened, high, low, close = map(quoted, (bar.open, bar.high, bar.low, bar.close))
        return f"{bar.symbol} opened at {opened}, high {high}, low {low}, closed at {close}"

    def _started(self, number: int, started: RunStarted) -> Iterator[str]:
        given = [
            f"{name} gets {money(micros)}"
            for name, micros in zip(started.strategies, started.allocated_micros, strict=True)
        ]
        pool = started.capital_micros - sum(started.allocated_micros)
        yield f"the run began with {money(started.capital_micros)}: {', '.join(given)}, the pool keeps {money(pool)}"
        for one in self.timeline.journal.inputs.data:
            span = f"{moment(one.first)} to {moment(one.last)}"
            yield f"its data: {one.rows:,} bars of {listed(one.symbols)}, from {span}"

    def _step(self, number: int, step: Step) -> Iterator[str]:
        first, end = step.rows
        rows = f"row {first:,}" if end - first == 1 else f"rows {first:,} to {end - 1:,}"
        bars, count = self.timeline.bars, end - first
        if self.symbol:
            yield from self._bar(step.at_us)
        else:
            yield f"the instant had {count} bar{'' if count == 1 else 's'}: {rows} of the data"
            found = [bar for one in self.timeline.started.symbols if (bar := bars.at(one, step.at_us)) is not None]
            yield from (self.ohlc(bar) for bar in found[:SYMBOLS_SHOWN])
            if len(found) > SYMBOLS_SHOWN:
                yield f"and {len(found) - SYMBOLS_SHOWN} other symbols"
        if bars.missing:
            yield f"{rows} of the data: prices cannot be shown"

    def _bar(self, at_us: int) -> Iterator[str]:
        bars, symbol = self.timeline.bars, self.symbol
        bar = bars.until(symbol, at_us)
        if bar is not None and bar.at_us == at_us:
            yield self.ohlc(bar)
        elif bar is not None:
            yield f"{symbol} had no bar then; its last, of {moment(bar.at_us)}, closed at {quoted(bar.close)}"
        elif not bars.missing:
            yield f"{symbol} had had no bar yet"

    def _intent(self, number: int, intent: Intent) -> Iterator[str]:
        note = f", noting {intent.note!r}" if intent.note else ""
        rebalance = self.timeline.records.get(self.timeline.records[number].cause or 0)
        if rebalance is not None and isinstance(rebalance.event, Rebalance):
            made = wanted(intent, self.timeline.lot(intent.symbol))
            yield f"{intent.strategy} was made {made}, for rebalance {rebalance.number}"
            yield "its cash did not cover what it was to give: each of its positions is sold down in proportion"
            return
        conviction = f", with conviction {share(intent.conviction)}" if intent.conviction else ""
        yield f"{intent.strategy} wanted {wanted(intent, self.timeline.lot(intent.symbol))}{conviction}{note}"
        if intent.flaw:
            yield f"its amount was of no use: {intent.flaw}"

    def _decision(self, number: int, decision: Decision) -> Iterator[str]:
        symbol, asked, granted = decision.symbol, decision.asked_micros, decision.granted_micros
        done = "granted in full" if decision.verdict == "granted" else decision.verdict
        what = f"{decision.strategy} was {done}" if decision.verdict == "granted" else f"{decision.strategy}: {done}"
        yield f"{what}, since {REASONS[decision.reason]}"
        if asked:
            yield f"it asked for {money(asked)} of capital and was granted {money(granted)}"
        if decision.close_quantity:
            yield f"it may {side_of(decision.side)} {self.lots(symbol, abs(decision.close_quantity))} that it closes"
        if decision.open_quantity:
            yield f"it may open at most {self.lots(symbol, abs(decision.open_quantity))}"
        yield from _limited(decision)
        if decision.reserved_micros > granted:
            yield f"{money(decision.reserved_micros)} is reserved, so that a gap or fees do not cost it a lot"
        if decision.verdict != "refused" and self.timeline.end_of(number) is None:
            yield "it still rested where the journal ends"

    def _fill(self, number: int, fill: Fill) -> Iterator[str]:
        count = self.lots(fill.symbol, abs(fill.quantity))
        value = money(abs(fill.quantity) * fill.price_micros)
        did = "bought" if fill.quantity > 0 else "sold"
        yield f"{fill.strategy} {did} {count} at {price(fill.price_micros)}, {value} in all"
        if self.timeline.splits_while_resting(number):
            yield "the order rested through a split: from then on what was left of it counts in new shares"
        yield from self._priced(number, fill)
        if fill.is_crossed:
            yield from self._crossed(number, fill)
        costs = "no slippage" if not fill.slippage_micros else f"{money(fill.slippage_micros)} of slippage"
        yield f"it cost {costs} and {money(fill.commission_micros) if fill.commission_micros else 'no'} commission"
        saved = (fill.saved_commission_micros, fill.saved_slippage_micros)
        if any(saved):
            yield "netting saved the order {} of commission and {} of slippage".format(*map(money, saved))
        if fill.remaining_quantity and self._fills_in_parts:
            yield f"of the order {self.lots(fill.symbol, abs(fill.remaining_quantity))} were left, at this price"
        if fill.released_micros:
            yield f"the {money(fill.released_micros)} that had been reserved came free"

    def _crossed(self, number: int, fill: Fill) -> Iterator[str]:
        others = [
            f"{one.strategy} {'bought' if one.quantity > 0 else 'sold'} {abs(one.quantity):,}"
            for one in self.timeline.crossed_with(number)
        ]
        yield f"it crossed inside the account, where {listed(others)}: nobody traded it in the market"
        if fill.remaining_quantity and not self._fills_in_parts:
            yield f"the other {self.lots(fill.symbol, abs(fill.remaining_quantity))} of the order were traded at once"

    def _priced(self, number: int, fill: Fill) -> Iterator[str]:
        lots = abs(fill.quantity)
        reference = fill.price_micros - _sign(fill.quantity) * (fill.slippage_micros // lots)
        decision = self.timeline.records.get(self.timeline.records[number].cause or 0)
        is_same = decision is not None and decision.at_us == fill.at_us
        is_close = is_same or self.timeline.settings.get("fill_at") == "close"
        bar = self.timeline.bars.until(fill.symbol, fill.at_us)
        is_own = self.timeline.settings.get("fill_model") == {"kind": "own"}
        which = "fill model's price" if is_own else "close" if is_close else "open"
        where = f"the {which} of the bar of {moment(fill.at_us if bar is None else bar.at_us)}"
        slipped = (
            f"; slippage made it {price(abs(fill.price_micros - reference))} worse" if fill.slippage_micros else ""
        )
        each = "" if self.timeline.lot(fill.symbol) == "1" else " a lot"
        yield f"{where} was {price(reference)}{each}{slipped}"

    def _posted(self, number: int, fill: Fill) -> Iterator[str]:
        cash, lots, cost = self.timeline.postings[number]
        symbol = fill.symbol
        yield f"the book of {fill.strategy}: cash {money(cash[0])} → {money(cash[1])}"
        yield " → ".join(self.holding(symbol, *held) for held in zip(lots, cost, strict=True))
        before, after = self.timeline.round_trip(number)
        if fill.closed_quantity:
            closed = self.lots(symbol, abs(fill.closed_quantity))
            begun = f" since fill {before[0]} of {moment(self._at(before[0]))}" if before else ""
            yield f"{closed} held{begun} were closed: {money(fill.realised_micros, signed=True)} realised, before fees"
        if not lots[1]:
            yield from self._earned([*before, number])
        elif not after:
            yield "no later fill of this journal belongs to the position"

    def _earned(self, fills: list[int]) -> Iterator[str]:
        every = [self.timeline.records[one].event for one in fills]
        realised, fees = sum(one.realised_micros for one in every), sum(one.commission_micros for one in every)
        if len(every) > 1:
            net = f" less {money(fees)} of commissions is {money(realised - fees, signed=True)}" if fees else ""
            yield f"the round trip is over: {money(realised, signed=True)}{net}"

    def _at(self, number: int) -> int:
        return self.timeline.records[number].at_us or 0

    def _transfer(self, number: int, transfer: Transfer) -> Iterator[str]:
        giver, taker = transfer.giver or "the pool", transfer.taker or "the pool"
        yield f"{money(transfer.micros)} went from {giver} to {taker}"
        accounts = self.timeline.books(before=number).accounts
        for owner, name, change in (
            (transfer.giver, giver, -transfer.micros),
            (transfer.taker, taker, transfer.micros),
        ):
            cash = accounts[owner].cash_micros if owner in accounts else 0
            yield f"cash of {name}: {money(cash)} → {money(cash + change)}"

    def _ended(self, number: int, ended: RunEnded) -> Iterator[str]:
        yield ENDS[ended.status] + (f": {ended.reason}" if ended.reason else "")
        yield (
            f"{counted(ended.instants, 'instant')}: {counted(ended.intents, 'intent')}, "
            f"{counted(ended.decisions, 'decision')}, {counted(ended.conflicts, 'conflict')}, "
            f"{counted(ended.fills, 'fill')}, {counted(ended.lapses, 'lapse')}"
        )
        for owner, account in self.timeline.books(before=number).accounts.items():
            held = [self.lots(symbol, lots) for symbol, (lots, _) in account.held.items()]
            holds = f" and {listed(held)}" if held else ""
            yield f"{owner or 'the pool'} had {money(account.cash_micros)} of cash{holds}"

    def counted(self, numbers: list[int]) -> str:
        """Count records by kind, in words."""
        kinds = Counter(self.timeline.records[one].kind for one in numbers)
        return listed(f"{count} {kind}{'' if count == 1 else 's'}" for kind, count in kinds.items())


def _limited(decision: Decision) -> Iterator[str]:
    used, limit, reason = decision.used_micros, decision.limit_micros, decision.reason
    if reason == "drawdown":
        yield f"it may lose {money(limit)} from its highest equity, and had lost {money(used)}"
    elif reason in COUNTED:
        whose = "it" if reason == "strategy_positions" else "all books together"
        may, had = decision.limit_positions, decision.used_positions
        yield f"{whose} may have {may} position{'' if may == 1 else 's'}, and had {had} before this"
    elif reason == "own_limit":
        yield f"the limit {decision.group!r} allowed {money(limit)}, and {money(used)} of that was used before this"
    elif limit or used:
        what = "its limit of capital" if reason not in LIMITED else f"the limit on {LIMITED[reason]}"
        what += f" {decision.group!r}" if decision.group else ""
        after = money(used + decision.reserved_micros)
        yield f"{what} was {money(limit)}: {money(used)} used or reserved before this, {after} after"


def _sign(quantity: int) -> int:
    return 1 if quantity > 0 else -1
