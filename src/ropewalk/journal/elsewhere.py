"""
Elsewhere: what a process does that runs a run file in other surroundings.

Hash seed, time zone and working folder it was born with; here it sets the global random streams, the clock
on the wall, and the order of addresses. None of these is an input of a run: who depends on them will differ.
"""

from __future__ import annotations

import builtins
import datetime as calendar
import random
import sys
import sysconfig
import time
import traceback
from datetime import date, datetime
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import msgspec

from ropewalk.errors import RopewalkError
from ropewalk.plugins.modules import FILE_PREFIX
from ropewalk.recording.recording import Recording
from ropewalk.run_file import load_run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

BLOCKS = 2_000
_kept: list[bytes] = []


def run_elsewhere(asked: dict[str, Any]) -> None:
    """Run what was asked for, and leave beside the journal how it ended."""
    around = asked["surroundings"]
    home = Path(asked["records"])
    sys.argv = ["ropewalk"]
    seed_global_streams(around["random_seed"])
    if around["place"]:
        shuffle_addresses(around["random_seed"])
    if around["clock_ahead_seconds"]:
        put_clock_ahead(around["clock_ahead_seconds"], asked["own"])
    error, is_told = "", True
    try:
        planned = load_run(Path(asked["run_file"]), settings={"log_directory": None})
        planned.orchestrator.run(planned.feed(), journal=Recording(home, origins=planned.origins))
    except RopewalkError as raised:
        error = str(raised)
    except BaseException:
        error, is_told = traceback.format_exc(), False
        raise
    finally:
        (home / "outcome.json").write_bytes(msgspec.json.encode({"error": error, "is_told": is_told}))


def seed_global_streams(seed: int) -> None:
    """Seed the streams that everyone in a process shares."""
    random.seed(seed)
    # Of numpy nothing is used here; its old global stream belongs to those who do.
    import_module("numpy.random").seed(seed)


def shuffle_addresses(seed: int) -> None:
    """
    Leave holes of all small sizes in memory, in no order.

    Objects that are made next are put into them, so that their addresses no longer rise as they are made.
    """
    stream = random.Random(seed)
    for size in range(1, 480, 16):
        blocks = [bytes(size) for _ in range(BLOCKS)]
        stream.shuffle(blocks)
        _kept.extend(blocks[: BLOCKS // 2])
        while blocks:
            blocks.pop()


# ── the clock on the wall ────────────────────────────────────────────────────────────────────────────────────────────


class _Ahead(type):
    """The class of the two classes that stand for date and datetime: their objects are real ones."""

    def __instancecheck__(cls, one: object) -> bool:
        return isinstance(one, _meant(cls)) if _meant(cls) is not cls else super().__instancecheck__(one)

    def __subclasscheck__(cls, one: type) -> bool:
        return issubclass(one, _meant(cls)) if _meant(cls) is not cls else super().__subclasscheck__(one)


def _meant(kind: type) -> type:
    return date if kind is AheadDate else datetime if kind is AheadDatetime else kind


class AheadDate(date, metaclass=_Ahead):
    """`date` as it is, but for the present day."""

    def __new__(cls, *given: Any, **named: Any) -> Any:
        """Make a real one."""
        return date(*given, **named) if cls is AheadDate else super().__new__(cls, *given, **named)

    @classmethod
    def today(cls) -> Any:
        """Say the date on the wall."""
        return cls.fromtimestamp(time.time())


class AheadDatetime(datetime, metaclass=_Ahead):
    """`datetime` as it is, but for what it says of the present."""

    def __new__(cls, *given: Any, **named: Any) -> Any:
        """Make a real one."""
        return datetime(*given, **named) if cls is AheadDatetime else super().__new__(cls, *given, **named)

    @classmethod
    def now(cls, tz: Any = None) -> Any:
        """Say the time on the wall."""
        return cls.fromtimestamp(time.time(), tz)

    @classmethod
    def today(cls) -> Any:
        """Say the local time on the wall."""
        return cls.fromtimestamp(time.time())

    @classmethod
    def utcnow(cls) -> Any:
        """Say the time on the wall in UTC, naive."""
        return cls.fromtimestamp(time.time(), calendar.UTC).replace(tzinfo=None)


def put_clock_ahead(seconds: int, own: Sequence[str]) -> None:
    """
    Let `time` tell a later time to everyone, and `datetime` to strategies that import it from now on.

    `own` are the packages that strategies come from. Clocks that only measure, such as `monotonic`, stay as
    they are.
    """
    now, now_ns, gmtime, localtime, asctime, strftime = (
        time.time,
        time.time_ns,
        time.gmtime,
        time.localtime,
        time.asctime,
        time.strftime,
    )

    def ahead() -> float:
        return now() + seconds

    vars(time).update(
        time=ahead,
        time_ns=lambda: now_ns() + seconds * 1_000_000_000,
        gmtime=lambda at=None: gmtime(ahead() if at is None else at),
        localtime=lambda at=None: localtime(ahead() if at is None else at),
        ctime=lambda at=None: asctime(localtime(ahead() if at is None else at)),
        asctime=lambda at=None: asctime(localtime(ahead()) if at is None else at),
        strftime=lambda form, at=None: strftime(form, localtime(ahead()) if at is None else at),
    )
    given = builtins.__import__
    stand_in = ModuleType("datetime")
    vars(stand_in).update(vars(calendar), date=AheadDate, datetime=AheadDatetime)

    def imported(name: str, globals: Any = None, locals: Any = None, fromlist: Any = (), level: int = 0) -> Any:
        found = given(name, globals, locals, fromlist, level)
        # Libraries are left the real one: in C they build on its classes.
        return stand_in if found is calendar and is_own(globals or {}, own) else found

    vars(builtins)["__import__"] = imported


def is_own(module: Mapping[str, Any], own: Sequence[str]) -> bool:
    """Tell the code of strategies from that of libraries: it is named, or lies where no library does."""
    name, file = str(module.get("__name__", "")), module.get("__file__")
    package = name.partition(".")[0]
    if name.startswith(FILE_PREFIX) or package in own:
        return True
    if not file or package == "ropewalk":
        return False
    libraries = (sysconfig.get_path(which) for which in ("stdlib", "platstdlib", "purelib", "platlib"))
    return not any(Path(file).is_relative_to(library) for library in libraries)
