"""Timeline: a journal held in memory, with what led to each record, what followed, and what it did to a book."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from ropewalk.events import Conflict, Decision, Fill, Lapse, RunEnded, Split, Suspension
from ropewalk.journal.bars import Bars
from ropewalk.journal.links import NUMBERED
from ropewalk.journal.reader import Journal, lines_of
from ropewalk.journal.verdict import CLEAN, UNFINISHED
from ropewalk.journal.verify import verify
from ropewalk.recording.books import Books
from ropewalk.recording.kinds import Record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ropewalk.events import RunStarted
    from ropewalk.journal.reader import Source


class Posting(NamedTuple):
    """What a fill did to its strategy's book: cash, lots of the symbol and what they cost, before and after."""

    cash_micros: tuple[int, int]
    lots: tuple[int, int]
    cost_micros: tuple[int, int]


class Timeline:
    """
    All numbered records of a journal, as far as it can be believed.

    `damage` says what is wrong behind the last of them, and on which line; it is empty for a sound journal.
    `conflict_of` maps intents to the conflict that they were part of.
    """

    def __init__(self, source: Source) -> None:
        self.journal = Journal(source)
        self.damage = ""
        self.records: dict[int, Record] = {}
        for line, offset, _, _, said, error in lines_of(self.journal.source):
            if error is not None or said is None:
                self.damage = f"line {line}, byte {offset}: {error}"
                break
            number, kind, cause, event, about = said
            if kind in NUMBERED:
                at_us = getattr(event, "at_us", None)
                self.records[number] = Record(number, kind, at_us, cause, event, about, line, offset)
        self.last = max(self.records)
        self.conflict_of: dict[int, int] = {}
        self._effects: dict[int, list[int]] = {}
        self._rare: dict[type, list[tuple[int, Any]]] = {}
        for number, record in self.records.items():
            if record.cause is not None:
                self._effects.setdefault(record.cause, []).append(number)
            if isinstance(record.event, Conflict):
                self.conflict_of |= dict.fromkeys(record.event.intents, number)

    @property
    def circumstances(self) -> tuple[str, ...]:
        """Say what a story of it cannot be told with: bars that are missing, damage further on, no end."""
        further = f"{self.journal.label}, {self.damage}; `ropewalk verify` tells more" if self.damage else ""
        if not further and self.exit_code == UNFINISHED:
            further = "the run has not ended: what is told is what was recorded"
        return tuple(one for one in (self.bars.missing, further) if one)

    @cached_property
    def exit_code(self) -> int:
        """0 for a journal that is whole, 1 for a damaged one, 3 for one that is incomplete but sound."""
        if self.damage:
            return verify(self.journal.source).exit_code
        return CLEAN if isinstance(self.records[self.last].event, RunEnded) else UNFINISHED

    @property
    def started(self) -> RunStarted:
        """How the run began."""
        started: RunStarted = self.journal.header.event
        return started

    @property
    def settings(self) -> dict[str, Any]:
        """The run's settings, as the header has them."""
        said = self.journal.inputs.configuration.get("settings")
        return said if isinstance(said, dict) else {}

    @cached_property
    def bars(self) -> Bars:
        """The bars beside the journal, read when first asked for."""
        path = self.journal.path
        return Bars(None if path is None else path.parent, self.started.data_digest)

    def lot(self, symbol: str) -> str:
        """Say what one lot of a symbol is, in shares."""
        declared = (self.settings.get("instruments") or {}).get(symbol)
        return str(declared.get("lot", "1")) if isinstance(declared, dict) else "1"

    def effects(self, number: int) -> list[int]:
        """Name the records whose cause is this one."""
        return self._effects.get(number, [])

    def first_effect(self, number: int, *kinds: type) -> int | None:
        """Name the first record of some kinds that followed from this one."""
        return next((one for one in self.effects(number) if isinstance(self.records[one].event, kinds)), None)

    def decision_of(self, intent: int) -> int | None:
        """Name an intent's decision; None where the journal ends before it."""
        return self.first_effect(intent, Decision)

    def end_of(self, decision: int) -> int | None:
        """Name the last fill or the lapse of a decision; None while it rests, and for one that was refused."""
        for one in self.effects(decision):
            event = self.records[one].event
            if isinstance(event, Lapse) or (isinstance(event, Fill) and not event.remaining_quantity):
                return one
        return None

    def crossed_with(self, number: int) -> list[Fill]:
        """List the fills on the other side of one that crossed: those of its instant's fills around it."""
        mine, found = self.records[number].event, []
        for step in (-1, 1):
            near = number + step
            while isinstance(fill := getattr(self.records.get(near), "event", None), Fill) and (
                (fill.symbol, fill.at_us) == (mine.symbol, mine.at_us)
            ):
                if fill.is_crossed and fill.quantity * mine.quantity < 0:
                    found.append((near, fill))
                near += step
        return [fill for _, fill in sorted(found)]

    def suspension_of(self, strategy: str, *, before: int) -> int | None:
        """Name what suspended a strategy before a number, unless it had come back by then."""
        theirs = [one for one in self._every(Suspension) if one[0] < before and one[1].strategy == strategy]
        return theirs[-1][0] if theirs and theirs[-1][1].action == "suspend" else None

    def splits_while_resting(self, number: int) -> list[int]:
        """Name the splits through which an order rested, by the fill or lapse that it led to."""
        record = self.records[number]
        symbol, since = record.event.symbol, record.cause or 0
        return [one for one, split in self._every(Split) if split.symbol == symbol and since < one < number]

    def _every(self, kind: type) -> list[tuple[int, Any]]:
        """List the events of a rare kind with their numbers; looked up once, since many records ask."""
        if kind not in self._rare:
            events = ((number, record.event) for number, record in self.records.items())
            self._rare[kind] = [one for one in events if isinstance(one[1], kind)]
        return self._rare[kind]

    def step_of(self, number: int) -> int | None:
        """Name the step of the instant in which something happened."""
        at_us = self.records[number].at_us
        while number >= 0 and self.records[number].at_us == at_us:
            if self.records[number].kind == "step":
                return number
            number -= 1
        return None

    def of(self, kind: type, *, strategy: str, symbol: str) -> Iterator[tuple[int, Any]]:
        """Walk one strategy's events of one kind on one symbol."""
        for number, record in self.records.items():
            event = record.event
            if isinstance(event, kind) and event.strategy == strategy and event.symbol == symbol:  # type: ignore[attr-defined]
                yield number, event

    def books(self, before: int) -> Books:
        """Keep the books up to a number, that number not included."""
        books = Books()
        for number, record in self.records.items():
            if number >= before:
                break
            books.take(record.event)
        return books

    @cached_property
    def postings(self) -> dict[int, Posting]:
        """What each fill did to its book."""
        books, found = Books(), {}
        for number, record in self.records.items():
            fill = record.event
            if not isinstance(fill, Fill):
                books.take(fill)
                continue
            account = books.accounts[fill.strategy]
            cash, (lots, cost) = account.cash_micros, account.held.get(fill.symbol, (0, 0))
            books.take(fill)
            after = account.held.get(fill.symbol, (0, 0))
            found[number] = Posting((cash, account.cash_micros), (lots, after[0]), (cost, after[1]))
        return found

    @cached_property
    def _positions(self) -> dict[int, tuple[list[int], int]]:
        """All fills of each fill's position, from flat to flat, and its place among them."""
        found: dict[int, tuple[list[int], int]] = {}
        open_now: dict[tuple[str, str], list[int]] = {}
        # A split may end a position, too, so that where a position begins is looked at, and not where one ended.
        for number, posting in self.postings.items():
            fill = self.records[number].event
            if not posting.lots[0]:
                open_now[fill.strategy, fill.symbol] = []
            same = open_now[fill.strategy, fill.symbol]
            found[number] = (same, len(same))
            same.append(number)
        return found

    def round_trip(self, fill: int) -> tuple[list[int], list[int]]:
        """Name the fills of the same position before this one, since flat, and those after it, until flat."""
        same, place = self._positions[fill]
        return same[:place], same[place + 1 :]
