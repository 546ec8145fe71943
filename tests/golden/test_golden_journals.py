"""
Golden journals: files that today's code has to read, verify and replay, whatever becomes of the code that wrote them.

`make golden` rewrites them, in a commit that says why the bytes moved.
"""

from __future__ import annotations

from collections import Counter
from hashlib import sha256
from pathlib import Path

import pytest

from recorded_runs import TALES
from ropewalk.arbiter.rebalance import NOTE
from ropewalk.events import Decision, Fill, Intent, Reallocation, Suspension
from ropewalk.journal import read, replay, verify

HERE = Path(__file__).parent
NAMES = {"everything": "everything", "close": "close_at_end", "crosses": "crosses", "shared": "shared"}


def written(name: str) -> Path:
    return HERE / f"{NAMES[name]}.jsonl"


@pytest.mark.parametrize("name", NAMES)
def test_a_golden_journal_is_sound(name: str, rewrites_golden: bool) -> None:
    """It is read, nothing is found against it, and its state is the one that is recorded in it."""
    path = written(name)
    if rewrites_golden:
        path.write_bytes(TALES[name].run().journal.content)
    found = verify(path)
    assert found.is_clean, str(found)
    again = replay(path, data=TALES[name].data())
    assert again.is_identical, str(again)
    assert again.result is not None


@pytest.mark.parametrize("name", NAMES)
def test_its_decisions_are_made_again(name: str) -> None:
    """Whatever the source of a test's strategies is today."""
    tale = TALES[name]
    again = replay(written(name), level="decisions", data=tale.data(), config=tale.config())
    assert again.is_identical, str(again)


def test_one_of_them_crosses() -> None:
    """Whole orders and parts of them."""
    fills = [record.event for record in read(written("crosses")) if isinstance(record.event, Fill)]
    assert {bool(fill.remaining_quantity) for fill in fills if fill.is_crossed} == {True, False}


def test_one_of_them_shares_capital() -> None:
    """With sales for it, the pool, and strategies that are suspended and come back, by schedule and by rule."""
    events = [record.event for record in read(written("shared"))]
    assert any(isinstance(one, Intent) and one.note == NOTE for one in events)
    assert {one.pool_moved_micros > 0 for one in events if isinstance(one, Reallocation)} == {True, False}
    said = {(one.action, one.by) for one in events if isinstance(one, Suspension)}
    assert said == {(action, by) for action in ("suspend", "resume") for by in ("schedule", "drawdown")}
    assert {one.verdict for one in events if isinstance(one, Decision) and one.reason == "suspended"} == {
        "refused",
        "trimmed",
    }


def test_one_of_them_has_everything() -> None:
    kinds = Counter(record.kind for record in read(written("everything")))
    verdicts = {record.event.verdict for record in read(written("everything")) if isinstance(record.event, Decision)}
    wanted = ("conflict", "lapse", "fault", "split", "dividend", "adjustment", "payment", "transfer", "fill", "step")
    assert [kind for kind in wanted if not kinds[kind]] == []
    assert verdicts == {"granted", "trimmed", "refused"}


# ── formats that were ───────────────────────────────────────────────────────────────────────────────────────────────

FORMATS = {1: "fb487b42e15d84bf1597b101b600d9cbaf876263a988e9c31a3df395e016fb9a"}
"""SHA-256 of a journal of each version of the format: never rewritten, and readable for ever."""


@pytest.mark.parametrize("version", FORMATS)
def test_a_journal_of_every_format_stays_readable(version: int) -> None:
    """Whatever becomes of events and kinds; who changes them raises the version of the kind and adds an upcaster."""
    path = HERE / f"format_{version}.jsonl"
    assert sha256(path.read_bytes()).hexdigest() == FORMATS[version]
    found = verify(path)
    assert found.is_clean, str(found)
    assert replay(path, data=TALES["everything"].data()).is_identical
