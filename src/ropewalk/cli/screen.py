"""The screen: consoles for results and messages, streams that are closed or know only ASCII, and the progress bar."""

from __future__ import annotations

import codecs
import io
import json
import os
import pydoc
import sys
from contextlib import contextmanager, nullcontext, redirect_stdout
from typing import TYPE_CHECKING, Any, NamedTuple

import typer

from ropewalk.events import Turn
from ropewalk.observers.observer import observer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from contextlib import AbstractContextManager

    from rich.console import Console

    from ropewalk.collectors.result import OrchestratorResult
    from ropewalk.feeds.feed import Feed
    from ropewalk.orchestrator.profile import Profile

LONG_RUN_BARS = 50_000
FILE_WIDTH = 120
PLAIN = {
    "—": "-",
    "–": "-",
    "…": ".",
    "·": "|",
    "→": ">",
    "≥": ">",
    "≤": "<",
    "≠": "!",
    "×": "x",
    "•": "*",
    "−": "-",
    "Σ": "S",
}
PLAIN |= dict(zip("▁▂▃▄▅▆▇█▏▎▍▌▋▊▉", "__..--###.--=##", strict=True))


def replace_closed_streams() -> None:
    """Let what is said on a stream that was closed before the command began (`>&-`) go nowhere."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            setattr(sys, name, open(nowhere, "w", encoding="utf-8", closefd=False))  # noqa: SIM115 -- open to the end


def abandon_stdout() -> None:
    """Write no more to a stdout that takes nothing; neither does Python, which flushes it at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def reserved_stdout(*, is_wanted: bool) -> AbstractContextManager[object]:
    """Keep stdout for the result: what strategies print meanwhile goes to stderr."""
    return redirect_stdout(sys.stderr) if is_wanted else nullcontext()


def tolerate_plain_streams() -> None:
    """Let a stream that cannot show a character, such as one in the C locale, show the nearest it can."""
    codecs.register_error("ropewalk", _plain)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and not stream.encoding.lower().startswith("utf"):
            stream.reconfigure(errors="ropewalk")


def _plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(PLAIN.get(character, "?") for character in error.object[error.start : error.end]), error.end


def say(text: str) -> None:
    """Print plain words on stdout, folded to its width."""
    _console().print(text, markup=False, highlight=False)


def present(
    result: OrchestratorResult,
    *,
    label: str,
    bars: int,
    as_json: bool,
    closing: str = "",
    profile: Profile | None = None,
) -> None:
    """
    Print a result on stdout: for people, with some closing words, or as JSON and nothing else.

    A profile follows the result, for people as a table.

    The last thing said is where the journal is, and its digest.
    """
    journal = result.journal
    if as_json:
        told = result.to_dict()
        if journal is not None:
            path = None if journal.path is None else str(journal.path)
            told["journal"] = {
                "run_id": journal.run_id,
                "digest": journal.digest,
                "path": path,
                "notes": list(journal.notes),
                "earlier": None if journal.earlier is None else str(journal.earlier),
            }
        if profile is not None:
            told["profile"] = profile.rows(bars=bars)
        _write_json(told)
    else:
        from ropewalk.reports.terminal import show

        show(result, _console(), label=label, bars=bars)
        if profile is not None:
            from ropewalk.reports.profile import profile_table

            _console().print()
            _console().print(profile_table(profile.rows(bars=bars)))
        if closing:
            say(closing)
        if journal is not None:
            where = f"run {journal.run_id}, in memory" if journal.path is None else journal.path.parent
            notes = "".join(f"\n{note}" for note in journal.notes)
            _tell(f"{notes}\njournal {where}  sha256 {journal.digest}")
    # A reader that went away is noticed here, where it can be handled, not when Python exits.
    sys.stdout.flush()


def answer(told: Any, said: Any, *, as_json: bool, exit_code: int = 0) -> None:
    """Print an answer, as a table or text, or what it says as JSON; ends the command when its code is not 0."""
    if as_json:
        _write_json(said)
    else:
        _tell(told if hasattr(told, "__rich_console__") else str(told))
    sys.stdout.flush()
    if exit_code:
        raise typer.Exit(exit_code)


def say_error(text: str, code: int) -> None:
    """Print what went wrong as JSON; for people it is told on stderr, too."""
    _write_json({"error": text, "exit_code": code})


class ScreenSize(NamedTuple):
    """How wide lines may be, and whether in color; into a pipe or a file as wide as they like, which is None."""

    width: int | None
    is_styled: bool


def screen_size() -> ScreenSize:
    """Ask what stdout is."""
    console = _console()
    is_bounded = console.is_terminal or "COLUMNS" in os.environ
    return ScreenSize(console.width if is_bounded else None, console.is_terminal and not console.no_color)


def print_lines(lines: Iterable[str], *, rows: int, is_paged: bool) -> None:
    """Print lines; on a terminal that has fewer rows than there are, in the pager that `PAGER` names."""
    if is_paged and sys.stdout.isatty() and rows > _console().height:
        # Long lines are scrolled sideways, colors stay colors.
        os.environ.setdefault("LESS", "-RS")
        pydoc.pager("".join(f"{line}\n" for line in lines))
        return
    for line in lines:
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _write_json(said: Any) -> None:
    sys.stdout.write(json.dumps(said, indent=2, allow_nan=False) + "\n")


def _tell(told: Any) -> None:
    """Print a table, or plain text whose lines are left as long as they are."""
    is_text = isinstance(told, str)
    _console().print(told, markup=not is_text, highlight=False, soft_wrap=is_text)


def _console() -> Console:
    from rich.console import Console

    class Screen(Console):
        """A console that leaves it to the command to end when the reader went away."""

        def on_broken_pipe(self) -> None:
            """Raise what rich has caught."""
            raise  # noqa: PLE0704 -- rich calls this where it handles the BrokenPipeError

    # A file or a pipe is as wide as it is told to be, else wide enough for every column.
    return Screen(width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else FILE_WIDTH)


@contextmanager
def progress(feed: Feed, *, is_wanted: bool) -> Iterator[tuple[Callable[..., None], ...]]:
    """Show a bar on stderr while a long run goes on, as an observer; none where nobody would see it."""
    if not is_wanted or feed.rows < LONG_RUN_BARS or not sys.stderr.isatty():
        yield ()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("walking"), BarColumn(), MofNCompleteColumn(), TextColumn("bars"), TimeRemainingColumn())
    with Progress(*columns, console=Console(file=sys.stderr), transient=True) as bar:
        task = bar.add_task("", total=feed.rows)
        yield (bars_seen(lambda seen: bar.update(task, completed=seen)),)


def bars_seen(tell: Callable[[int], Any], *, every: int = 500) -> Callable[..., None]:
    """Make an observer that counts bars and tells, every so many of them, how many there were."""
    seen = told = 0

    @observer(Turn)
    def count(turn: Turn, _number: int, _cause: int) -> None:
        nonlocal seen, told
        seen += len(turn.bars)
        if seen - told >= every:
            told = seen
            tell(seen)

    return count
