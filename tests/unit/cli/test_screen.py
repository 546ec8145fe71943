"""The screen shows progress where somebody sees it, and what a stream can show."""

from __future__ import annotations

import io
import sys
from typing import Any

import pytest

from ropewalk import BuyAndHold, StrategyOrchestrator, Turn, synthetic_feed
from ropewalk.cli import screen
from ropewalk.cli.screen import bars_seen, progress, replace_closed_streams, say, tolerate_plain_streams


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def sit_at(stream: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a stream the screen, and runs of a thousand bars long."""
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(screen, "LONG_RUN_BARS", 1000)


def walk(feed: Any, *, is_wanted: bool = True) -> int:
    with progress(feed, is_wanted=is_wanted) as observers:
        StrategyOrchestrator([(BuyAndHold(), 1)]).run(feed, observers=observers)
        return len(observers)


def test_a_long_run_shows_its_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal, on stderr, and gone afterwards."""
    terminal = Terminal()
    sit_at(terminal, monkeypatch)
    assert walk(synthetic_feed(2, 600)) == 1
    assert "/1200" in terminal.getvalue()


def test_nobody_is_shown_what_they_do_not_see(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short runs, runs without a terminal, and runs asked to be quiet have no bar."""
    terminal = Terminal()
    sit_at(terminal, monkeypatch)
    assert walk(synthetic_feed(1, 100)) == 0
    assert walk(synthetic_feed(2, 600), is_wanted=False) == 0
    sit_at(io.StringIO(), monkeypatch)
    assert walk(synthetic_feed(2, 600)) == 0
    assert terminal.getvalue() == ""


def test_bars_are_told_in_strides() -> None:
    """The teller is called now and then, not for each bar, with all bars so far."""
    told: list[int] = []
    count = bars_seen(told.append, every=10)
    bars = synthetic_feed(1, 4).series[0]
    turn = Turn(0, tuple(bars.bars()))
    for number in range(6):
        count(turn, number, 0)
    assert told == [12, 24]


def test_plain_streams_show_the_nearest_they_can(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a stream cannot encode becomes something like it, else a question mark."""
    stdout = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    stderr = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    monkeypatch.setattr(sys, "stdout", stdout)
    monkeypatch.setattr(sys, "stderr", stderr)
    tolerate_plain_streams()
    for stream in (stdout, stderr):
        stream.write("a → b — Ø")
        stream.flush()
    assert stdout.buffer.getvalue() == b"a > b - ?"
    assert stderr.buffer.getvalue().decode() == "a → b — Ø"


def test_closed_streams_are_replaced_and_open_ones_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python has None for a stream that was closed; afterwards there is one that goes nowhere."""
    stderr = io.StringIO()
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", stderr)
    replace_closed_streams()
    assert sys.stderr is stderr
    with sys.stdout:
        assert sys.stdout.write("heard by nobody")


def test_a_reader_that_left_is_heard_of(monkeypatch: pytest.MonkeyPatch) -> None:
    """The console hands a broken pipe on, rather than end the process with a code of its own."""

    class Broken(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stdout", Broken())
    with pytest.raises(BrokenPipeError):
        say("hello")


def test_only_what_cannot_be_written_is_replaced() -> None:
    """Bytes that cannot be read are an error as ever."""
    tolerate_plain_streams()
    with pytest.raises(UnicodeDecodeError):
        b"\xff".decode("ascii", errors="ropewalk")
