"""What can be had of a journal: all of a sound one, the events of one that was cut off, nothing of a damaged one."""

from __future__ import annotations

from pathlib import Path

import pytest

from recorded_runs import TALES
from ropewalk.collectors.schema import TABLES
from ropewalk.errors import JournalError
from ropewalk.journal import figures_of, result_of

TALE = TALES["all four"]


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    path: Path = TALE.run(journal=tmp_path).journal.path
    return path


def test_a_result_comes_back_from_its_folder(journal: Path) -> None:
    """With the bars beside it, and with the digest of the file."""
    live = TALE.run()
    again = result_of(journal.parent)
    # What the feed had to say about itself is in no journal.
    assert {**again.to_dict(), "notes": []} == {**live.to_dict(), "notes": []}
    assert again.journal.digest == live.journal.digest
    assert again.journal.path == journal
    assert figures_of(journal).frames.names == tuple(TABLES)


def test_a_run_that_was_cut_off_has_its_events(journal: Path) -> None:
    """What needs the end is not made up; it is said what is missing and how to go on."""
    content = journal.read_bytes()
    lines = content.split(b"\n")
    journal.write_bytes(b"\n".join(lines[: len(lines) // 2]) + b"\n")
    frames = figures_of(journal).frames
    whole = TALE.run().frames
    assert 0 < len(frames.fills) < len(whole.fills)
    assert frames.fills.equals(whole.fills.head(len(frames.fills)))
    assert frames.names == tuple(name for name, table in TABLES.items() if not table.needs_bars)
    with pytest.raises(JournalError, match="no table 'equity' of this run: the run has not ended; `ropewalk resume "):
        frames.get("equity")
    with pytest.raises(JournalError, match="gives no result: the run has not ended"):
        result_of(journal)


def test_a_run_without_its_bars_has_its_events(journal: Path) -> None:
    for copy in (journal.parent / "data").iterdir():
        copy.unlink()
    frames = figures_of(journal).frames
    assert len(frames.fills)
    with pytest.raises(JournalError, match="give the data of the run"):
        frames.get("account")
    assert result_of(journal, data=TALE.data()).frames.account.equals(TALE.run().frames.account)


@pytest.mark.parametrize(
    ("was", "becomes"), [(b'"buy"', b'"bug"'), (b'"k":"fill"', b'"k":"fils"'), (b'"price":', b'"price":9')]
)
def test_a_damaged_journal_gives_nothing(journal: Path, was: bytes, becomes: bytes) -> None:
    """No table of what cannot be believed: the line is named, and what to do about it."""
    content = journal.read_bytes()
    assert was in content
    journal.write_bytes(content.replace(was, becomes, 1))
    with pytest.raises(JournalError, match=r"line \d+, byte \d+: .*`ropewalk verify`(.|\n)*`ropewalk recover") as told:
        figures_of(journal)
    assert "".join([str(told.value), *told.value.__notes__]).count("`ropewalk verify") == 1


def test_a_torn_tail_is_named(journal: Path) -> None:
    journal.write_bytes(journal.read_bytes()[:-9])
    with pytest.raises(JournalError, match="moves a torn tail aside"):
        figures_of(journal)


def test_what_is_no_journal_says_so(tmp_path: Path) -> None:
    other = tmp_path / "other.jsonl"
    other.write_text("{}\n", encoding="utf-8")
    with pytest.raises(JournalError, match="line 1"):
        figures_of(other)
    with pytest.raises(JournalError, match="has no journal"):
        figures_of(tmp_path)
