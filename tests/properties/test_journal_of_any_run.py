"""Any run's journal is sound, says what happened, and is the same whether it is written live or afterwards."""

from __future__ import annotations

from inspect import unwrap
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certain import RULED, always
from examples import examples
from generators import Case, cases, limited_cases, ruled_cases
from journal_runs import Flip, Recorded, inputs_of
from ropewalk import Momentum, StrategyOrchestrator, feed_of, sample_feed
from ropewalk.collectors.recorder import Recorder
from ropewalk.errors import StrategyError
from ropewalk.events import Event
from ropewalk.journal import Inputs, JournalWriter, Verdict, canonical_times, diff, read, verify
from ropewalk.orchestrator import walk


def journal_of(case: Case, **changes: Any) -> Recorded:
    result, feed = case.run(**changes), feed_of(case.data())
    seats = dict.fromkeys(case.players, "scripted")
    return Recorded(result.record.entries, inputs_of(result, feed, seats=seats), canonical_times(feed.series))


@settings(max_examples=examples(60))
@given(cases())
def test_any_run_makes_a_sound_journal(case: Case) -> None:
    """Nothing is found against it, and its events are those of the run."""
    run = journal_of(case)
    whole = run.content()
    found = verify(whole)
    assert found.is_clean, str(found)
    heard = [record.event for record in read(whole) if isinstance(record.event, Event)]
    assert heard == [entry[2] for entry in run.entries]
    assert diff(whole, run.content()) is None


@settings(max_examples=examples(120))
@always(RULED)
@given(st.one_of(limited_cases(), ruled_cases()))
def test_a_run_with_limits_and_policies_makes_a_sound_journal(case: Case) -> None:
    """The rules of journals know what every limit shows and every policy leaves."""
    found = verify(journal_of(case).content())
    assert found.is_clean, str(found)


@settings(max_examples=examples(40))
@given(cases(), st.data())
def test_a_cut_journal_is_never_corrupt(case: Case, data: st.DataObject) -> None:
    """Wherever the power went out: incomplete or torn, with all whole lines kept."""
    run = journal_of(case)
    whole = run.content()
    size = data.draw(st.integers(whole.index(b"\n") + 1, len(whole) - 1))
    found = verify(whole[:size])
    assert found.verdict in (Verdict.INCOMPLETE, Verdict.TORN)
    assert found.sound_bytes == whole.rfind(b"\n", 0, size) + 1


# ── in the bus's own seat ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[JournalWriter]:
    """Seat a writer on the bus of every run of this test, beside the recorder."""
    writers: list[JournalWriter] = []

    def seated() -> Recorder:
        writer = JournalWriter(
            tmp_path / str(len(writers)), inputs=INPUTS, times=canonical_times(FEED.series), mode="step"
        )
        writers.append(writer)
        record = Recorder()
        take = record.take
        monkeypatch.setattr(record, "take", lambda entries: (take(entries), writer.record(entries)))
        return record

    monkeypatch.setattr(walk, "Recorder", seated)
    return writers


FEED = sample_feed(["AAPL", "IBM"], start="2008-08-01", end="2008-12-31")
INPUTS = Inputs(configuration={}, capital_micros=10_000_000_000)


class Falls(Flip):
    """Raises at its fortieth bar, with an intent of the same instant already said."""

    bars = 0

    def on_bar(self, bar: Any, view: Any) -> Any:
        self.bars += 1
        if self.bars == 40:
            raise ValueError("what is this")
        return super().on_bar(bar, view)


def test_a_journal_written_live_is_the_one_written_afterwards(live: list[JournalWriter]) -> None:
    result = StrategyOrchestrator([(Momentum(5, 20), "0.5"), (Flip(), "0.3")], 10_000).run(FEED)
    (writer,) = live
    writer.close()
    after = Recorded(result.record.entries, INPUTS, canonical_times(FEED.series))
    assert writer.path.read_bytes() == after.content()
    assert verify(writer.path).is_clean


def test_a_stopped_run_has_a_sound_journal(live: list[JournalWriter]) -> None:
    asked = iter(range(1000))
    run = unwrap(StrategyOrchestrator.run)
    run(StrategyOrchestrator([(Flip(), "0.3")], 10_000), FEED, should_stop=lambda: next(asked) == 50)
    live[0].close()
    found = verify(live[0].path)
    assert (found.is_clean, found.status) == (True, "stopped"), str(found)


@pytest.mark.parametrize("others", [(), (Flip(),)])
def test_a_failed_run_has_a_sound_journal(live: list[JournalWriter], others: tuple[Any, ...]) -> None:
    """With the fault, the footer `failed`, and what was wanted in the instant that failed."""
    with pytest.raises(StrategyError):
        StrategyOrchestrator([(one, "0.3") for one in (*others, Falls())], 10_000).run(FEED)
    live[0].close()
    found = verify(live[0].path)
    assert (found.is_clean, found.status) == (True, "failed"), str(found)
