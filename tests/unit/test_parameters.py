"""Parameters: whatever tells two objects apart shows, and nothing that differs from process to process."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ropewalk import Strategy, StrategyOrchestrator, buy, sample_feed
from ropewalk.events import Fill
from ropewalk.journal import Recording, replay, verify
from ropewalk.observers.observer import observer
from ropewalk.orchestrator.parameters import parameters_of


class Part:
    def __init__(self, window: Any) -> None:
        self.window = window


class Odd(Strategy):
    """Buys once, unless it is told to fail."""

    def __init__(self, setting: Any, *, fails: bool = False) -> None:
        self.setting = setting
        self.fails = fails

    def on_bar(self, bar: Any, view: Any) -> Any:
        if self.fails:
            raise ValueError("told to")
        return None if view.quantity(bar.symbol) else buy(bar.symbol, quantity=1)


@pytest.mark.parametrize("setting", ["\ud83d", ["\udc80"], {"\udc80": "\udc81"}, Part("\udcff"), "\udc80" * 5_000])
def test_half_a_character_does_not_keep_a_run_from_being_recorded(setting: Any) -> None:
    """As in the name of a file that is no UTF-8; two of them are told apart."""
    feed = sample_feed("IBM", end="2000-03-20")
    run = StrategyOrchestrator([(Odd(setting), 1)]).run(feed, journal=Recording(mode="memory"))
    content = run.journal.content
    assert verify(content).is_clean
    assert replay(content, level="full", strategies={"strategy_0": Odd(setting)}, data=feed).is_identical
    assert parameters_of(Odd("\udc80")) != parameters_of(Odd("\udc81"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Decimal("30"), Decimal("90")),
        ([1, 2], [1, 3]),
        ({"a": 1}, {"a": 2}),
        ({1, 2}, {1, 3}),
        (Part(3), Part(4)),
        ((Part(3),), (Part(4),)),
        (2**60, 2**60 + 1),
        (float("inf"), float("-inf")),
        ("x" * 5000, "x" * 4999 + "y"),
        (len, max),
    ],
)
def test_another_setting_is_another_run(one: Any, other: Any) -> None:
    """Else a second run would be taken for the first, and recorded over it."""
    first, second = parameters_of(Odd(one)), parameters_of(Odd(other))
    assert first == parameters_of(Odd(one))
    assert first != second
    feed = sample_feed("IBM", end="2000-03-20")
    runs = [
        StrategyOrchestrator([(Odd(setting), 1)]).run(feed, journal=Recording(mode="memory")).journal
        for setting in (one, other)
    ]
    assert runs[0].run_id != runs[1].run_id
    assert all(verify(run.content).is_clean for run in runs)


def test_what_has_no_words_has_no_address_either() -> None:
    """An object says its class, however deep it stands; nothing of where it lies in memory."""
    assert parameters_of(Odd(object())) == {"fails": False, "setting": "<object object>"}
    knot: list[Any] = []
    knot.append(knot)
    assert parameters_of(Odd(knot))["setting"] == [[[["list"]]]]


def test_a_journal_is_not_lost_to_another_of_the_same_inputs(tmp_path: Path) -> None:
    """What was recorded before is kept in quarantine where the new bytes are others, else replaced."""
    feed = sample_feed("IBM", end="2000-03-20")
    recording = Recording(tmp_path, again=True)

    class Changes(Odd):
        is_tired = False

        def on_bar(self, bar: Any, view: Any) -> Any:
            return None if type(self).is_tired else super().on_bar(bar, view)

    first = StrategyOrchestrator([(Changes(1), 1)]).run(feed, journal=recording).journal
    content = first.path.read_bytes()
    StrategyOrchestrator([(Changes(1), 1)]).run(feed, journal=recording)
    assert not (first.path.parent / "quarantine").exists()
    Changes.is_tired = True
    second = StrategyOrchestrator([(Changes(1), 1)]).run(feed, journal=recording).journal
    assert second.path == first.path
    assert second.path.read_bytes() != content
    (kept,) = (first.path.parent / "quarantine").iterdir()
    assert (kept / "journal.jsonl").read_bytes() == content


def test_the_audience_of_a_replay_changes_nothing(tmp_path: Path) -> None:
    """An observer that raises is told and not called again; an unfinished run shows what was recorded and no more."""
    feed = sample_feed("IBM", end="2000-06-20")
    run = StrategyOrchestrator([(Odd(1), 1)]).run(feed, journal=tmp_path).journal

    @observer(Fill)
    def fails(event: Any, number: int, cause: int) -> None:
        raise ValueError("no")

    for level in ("state", "decisions", "full"):
        again = replay(run.path, level=level, observers=[fails], strategies={"strategy_0": Odd(1)})
        assert again.is_identical, str(again)
        assert "ValueError: no" in str(again)
    lines = run.path.read_bytes().splitlines(keepends=True)
    part = b"".join(lines[:-2])
    heard: list[int] = []

    @observer(Fill)
    def hears(event: Any, number: int, cause: int) -> None:
        heard.append(number)

    for level in ("decisions", "full"):
        again = replay(part, level=level, observers=[hears], strategies={"strategy_0": Odd(1)}, data=feed)
        assert (again.is_identical, again.result, again.status) == (True, None, "incomplete")
    assert heard == [entry.number for entry in again_fills(run.path)] * 2


def again_fills(path: Path) -> list[Any]:
    return list(replay(path).result.record.fills)
