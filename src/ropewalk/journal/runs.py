"""Runs: what lies in a folder of recorded runs, one summary each."""

from __future__ import annotations

from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from zlib import crc32

import msgspec

from ropewalk.errors import FeedError, JournalError, RopewalkError, clipped
from ropewalk.events import Decision, Lapse, RunEnded
from ropewalk.feeds.copies import saved_bars
from ropewalk.journal.bars import DATA
from ropewalk.journal.reader import Journal
from ropewalk.journal.verify import remark_on
from ropewalk.market.instrument import Instrument
from ropewalk.money import MICROS, MICROS_MAX, currency
from ropewalk.notation import timestamp
from ropewalk.recording.books import Books
from ropewalk.recording.codec import PREFIX, SUM_LENGTH
from ropewalk.recording.inputs import FORMAT
from ropewalk.recording.kinds import KIND_OF
from ropewalk.recording.names import JOURNAL, PART
from ropewalk.recording.older import older_kinds, reader_of

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator

Status = Literal["complete", "stopped", "failed", "unfinished", "unreadable"]
HEAD = 1 << 16
PROBLEM_LENGTH = 200
Marks = dict[str, tuple[Any, Any]]
"""The times and the closes of each symbol."""


class RunSummary(msgspec.Struct, frozen=True, kw_only=True):
    """
    One recorded run.

    `name` is its folder's. `first_us` and `last_us` are those of its data, whether the run got to the end or not.
    `realised_micros` is what closed positions earned, less all commissions. `equity_micros` is what the account was
    worth at the last close of each symbol up to the last record, cash included; it and `total_return` are None where
    the bars are not beside the journal. `digest` is what `sha256sum` says of the file. `remark` is about the names in
    its folder. For a run that failed, or cannot be read, `problem` says why.
    """

    name: str
    path: Path
    status: Status
    size: int
    digest: str
    strategies: tuple[str, ...] = ()
    first_us: int | None = None
    last_us: int | None = None
    capital_micros: int = 0
    fills: int = 0
    realised_micros: int = 0
    equity_micros: int | None = None
    problem: str = ""
    remark: str = ""

    @property
    def total_return(self) -> float | None:
        """What was gained, as a fraction of the capital; None without bars."""
        if self.equity_micros is None or not self.capital_micros:
            return None
        return self.equity_micros / self.capital_micros - 1

    def to_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON: money as floats of currency, times as ISO text."""
        times = {name: getattr(self, f"{name}_us") for name in ("first", "last")}
        return {
            "name": self.name,
            "path": str(self.path),
            "status": self.status,
            "strategies": list(self.strategies),
            **{name: None if at_us is None else timestamp(at_us).isoformat() for name, at_us in times.items()},
            "capital": float(currency(self.capital_micros)),
            "realised": float(currency(self.realised_micros)),
            "equity": None if self.equity_micros is None else float(currency(self.equity_micros)),
            "total_return": self.total_return,
            "fills": self.fills,
            "size": self.size,
            "digest": self.digest,
            "problem": self.problem,
            "remark": self.remark,
        }


def runs(folder: str | Path = "runs") -> list[RunSummary]:
    """
    Summarise the recorded runs in a folder, sorted by name; folders that are no run are left out.

    The result of a run is in no line of its journal: it is posted anew from the lines that move money, which are
    picked out and held against their checksums, no more, as `verify` would take ten times as long; the bars beside a
    journal then give what was still held its value. A journal in which that fails is listed as unreadable, with why.
    Raises JournalError when there is no such folder.
    """
    place = Path(folder)
    if not place.is_dir():
        raise JournalError(f"there is no folder {place}; runs are recorded into one, by default into 'runs'")
    marks: dict[str, Marks | None] = {}
    return [_summary(path, marks) for path in sorted(filter(None, map(_journal_in, place.iterdir())))]


def _journal_in(folder: Path) -> Path | None:
    """Find the journal in a run's folder; None for what is no run."""
    for name in (JOURNAL, PART):
        path = folder / name
        try:
            # A pipe would be waited for.
            if not path.is_file():
                continue
            with path.open("rb") as stream:
                head = stream.read(HEAD)
        except OSError:
            continue
        if b'"k":"header"' in head and f'"format":"{FORMAT}"'.encode() in head:
            return path
    return None


WRONG = (RopewalkError, msgspec.MsgspecError, ArithmeticError, LookupError, TypeError, ValueError, RecursionError)
"""What a journal may be wrong by that nobody verified."""


def _summary(path: Path, known: dict[str, Marks | None]) -> RunSummary:
    about: dict[str, Any] = {"name": path.parent.name, "path": path, "size": 0, "digest": ""}
    try:
        content = path.read_bytes()
        about |= {"size": len(content), "digest": sha256(content).hexdigest()}
        return RunSummary(**about, **_read(path, content, known))
    except OSError as error:
        problem = f"it cannot be read: {error.strerror}"
    except WRONG as error:
        # One odd journal must not hide the others.
        told = str(error).removeprefix(f"{path}, ")
        problem = told if isinstance(error, JournalError) else f"{type(error).__name__}: {told}"
    return RunSummary(**about, status="unreadable", problem=_shortly(problem))


def _shortly(text: str) -> str:
    return " ".join(text.split())[:PROBLEM_LENGTH]


def _read(path: Path, content: bytes, known: dict[str, Marks | None]) -> dict[str, Any]:
    # As far as its first event; what is behind that is picked out below.
    head = Journal(path)
    started, data = head.header.event, head.inputs.data
    posted = _posted(content.split(b"\n"), older_kinds(head.header.about.versions))
    digest = started.data_digest
    if digest not in known:
        known[digest] = _marks(path.parent / DATA, digest)
    ended = posted.ended
    reached_us = posted.reached_us if ended is None else ended.at_us
    return {
        "status": "unfinished" if ended is None else ended.status,
        "problem": "" if ended is None else _shortly(ended.reason),
        "remark": remark_on(path, is_whole=ended is not None),
        "strategies": started.strategies,
        "first_us": min((one.first for one in data), default=None),
        "last_us": max((one.last for one in data), default=None),
        "capital_micros": started.capital_micros,
        "fills": posted.fills,
        "realised_micros": posted.realised_micros,
        "equity_micros": _equity(posted.books, known[digest], reached_us, _instruments(head)),
    }


MOVES = {KIND_OF[event]: event for event in Books().takes if event not in (Decision, Lapse)}
"""The kinds of lines that move money; what is reserved is no part of a result."""


class _Posted(NamedTuple):
    """What moves money, posted: the books, how many fills, what they earned after commissions, the last time."""

    books: Books
    fills: int
    realised_micros: int
    reached_us: int
    ended: RunEnded | None


def _posted(lines: list[bytes], older: Container[str]) -> _Posted:
    """Post what moves money, and hold just those lines against their checksums. Raises JournalError."""
    books = Books()
    fills = realised = reached_us = 0
    ended: RunEnded | None = None
    decode: dict[str, Callable[[bytes], Any]] = {
        kind: msgspec.json.Decoder(event).decode for kind, event in {**MOVES, "footer": RunEnded}.items()
    }
    for place, line in enumerate(lines):
        begun = PREFIX.match(line)
        kind = "" if begun is None else begun[2].decode()
        if begun is None or kind not in decode:
            continue
        if place == len(lines) - 1:
            # A torn tail: what was not written whole did not happen.
            break
        _check(lines, place, kind, is_over=ended is not None)
        if kind == "footer":
            ended = reader_of(lines[0])(line, True, True)[3]
            continue
        if kind in older:
            event = reader_of(lines[0])(line, True, True)[3]
        else:
            event = decode[kind](b"{" + line[begun.end() : -SUM_LENGTH] + b"}")
        reached_us = event.at_us
        realised += getattr(event, "realised_micros", 0) - getattr(event, "commission_micros", 0)
        if kind == "fill":
            fills += 1
            # Reserves were left out, so there is none to give back.
            event = msgspec.structs.replace(event, released_micros=0)
        books.take(event)
    return _Posted(books, fills, realised, reached_us, ended)


def _check(lines: list[bytes], place: int, kind: str, *, is_over: bool) -> None:
    line, before = lines[place], lines[place - 1][-SUM_LENGTH:] if place else b""
    if is_over or (kind == "header" and place):
        raise JournalError(f"line {place + 1}: a {kind} stands behind the end of the run, or a second run begins")
    seed = int(before[6:14], 16) if before[:6] == b',"x":"' else 0
    if line[-SUM_LENGTH:] != b',"x":"%08x"}' % crc32(line[:-SUM_LENGTH], seed):
        raise JournalError(f"line {place + 1}: {kind} was changed after it was written, or what stood before it")


def _instruments(head: Journal) -> dict[str, Instrument]:
    declared = (head.inputs.configuration.get("settings") or {}).get("instruments") or {}
    return {symbol: Instrument(symbol, Decimal(str(one.get("lot", 1)))) for symbol, one in declared.items()}


def _marks(folder: Path, digest: str) -> Marks | None:
    try:
        return {one.symbol: (one.at_us, one.close) for one in saved_bars(folder, digest).series}
    except FeedError:
        return None


def _equity(books: Books, marks: Marks | None, reached_us: int, instruments: dict[str, Instrument]) -> int | None:
    if marks is None:
        return None
    equity_micros = sum(account.cash_micros for account in books.accounts.values()) + sum(
        _values(books, marks, reached_us, instruments)
    )
    if abs(equity_micros) > MICROS_MAX:
        raise JournalError(f"its books come to {equity_micros / MICROS:.1e}, more than any book can hold")
    return equity_micros


def _values(books: Books, marks: Marks, reached_us: int, instruments: dict[str, Instrument]) -> Iterator[int]:
    for account in books.accounts.values():
        for symbol, (lots, _) in account.held.items():
            times, closes = marks.get(symbol, ((), ()))
            row = int(times.searchsorted(reached_us, side="right")) - 1 if len(times) else -1
            if row < 0:
                raise JournalError(f"it holds {clipped(symbol)}, of which its bars have none until then")
            instrument = instruments.get(symbol) or Instrument(symbol)
            yield lots * instrument.price_micros(float(closes[row]))
