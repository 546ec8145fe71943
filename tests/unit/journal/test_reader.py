"""What is opened as a journal is a file, and what lies beside it stops nothing."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ropewalk import (
    BuyAndHold,
    JournalError,
    OrchestratorConfig,
    StrategyError,
    StrategyOrchestrator,
    sample_feed,
)
from ropewalk.journal import Journal, diff, explain, read, recover, replay, resume, verify


@pytest.fixture
def run(tmp_path: Path) -> Path:
    feed = sample_feed("AAPL", start="2008-01-01", end="2008-01-31")
    result = StrategyOrchestrator({"hold": (BuyAndHold(), 1)}).run(feed, journal=tmp_path)
    return Path(result.journal.path).parent


READERS: dict[str, Callable[[Path], Any]] = {
    "verify": verify,
    "read": lambda path: list(read(path)),
    "recover": recover,
    "replay": replay,
    "resume": resume,
    "explain": lambda path: explain(path, number=3),
    "diff": lambda path: diff(path, path),
}


@pytest.mark.parametrize("reader", READERS)
def test_what_is_no_file_is_refused_at_once(reader: str, tmp_path: Path) -> None:
    """A pipe would be waited for, a device has no end."""
    os.mkfifo(tmp_path / "journal.jsonl")
    for place, sort in ((tmp_path, "a pipe"), (tmp_path / "journal.jsonl", "a pipe"), (Path("/dev/zero"), "a device")):
        with pytest.raises(JournalError, match=f"is {sort}; a journal is a file"):
            READERS[reader](place)


def test_a_folder_by_the_name_of_a_journal_is_refused(tmp_path: Path) -> None:
    (tmp_path / "journal.jsonl").mkdir()
    with pytest.raises(JournalError, match="is a folder"):
        verify(tmp_path)


@pytest.mark.parametrize("content", [b"", b"[1]", b"\xff", b'{"python": 3', b"[" * 100_000], ids=range(5))
def test_a_broken_sidecar_is_as_good_as_none(run: Path, content: bytes, tmp_path: Path) -> None:
    """Nothing depends on where a run took place."""
    (run / "env.json").write_bytes(content)
    assert Journal(run).environment == {}
    assert diff(run, (run / "journal.jsonl").read_bytes()) is None
    assert replay(run).is_identical
    (run / "env.json").unlink()
    os.mkfifo(run / "env.json")
    assert Journal(run).environment == {}


class Fails:
    """Ends the run in its first turn."""

    def on_turn(self, view: Any) -> Any:
        raise ValueError("what is this")


def test_a_failed_run_is_told_as_failed(tmp_path: Path) -> None:
    """Its journal is complete, the run is not; resuming says what to do instead."""
    feed = sample_feed("AAPL", start="2008-01-01", end="2008-01-31")
    config = OrchestratorConfig(on_strategy_error="stop")
    with pytest.raises(StrategyError):
        StrategyOrchestrator({"fails": (Fails(), 1)}, config=config).run(feed, journal=tmp_path)
    (run,) = tmp_path.iterdir()
    assert "complete journal of a run that failed" in str(verify(run)).splitlines()[0]
    with pytest.raises(JournalError, match="cannot be resumed: the run failed") as error:
        resume(run)
    assert "sha256" not in str(error.value)


def test_why_a_journal_is_refused_fits_a_line(tmp_path: Path) -> None:
    """The whole report is verify's."""
    (tmp_path / "journal.jsonl").write_bytes(bytes(range(256)) * 50)
    for refuse in (resume, recover):
        with pytest.raises(JournalError, match="not a journal; `ropewalk verify` tells what is wrong") as error:
            refuse(tmp_path)
        assert "\n" not in str(error.value)
