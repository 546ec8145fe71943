"""A folder of runs is listed from heads, tails and what moves money; what is no run is left out."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest

from ropewalk import (
    BasisPointSlippage,
    BuyAndHold,
    FixedCommission,
    JournalError,
    Momentum,
    OrchestratorConfig,
    StrategyOrchestrator,
    sample_feed,
)
from ropewalk.journal import runs


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    folder = tmp_path_factory.mktemp("runs")
    config = OrchestratorConfig(
        commission=FixedCommission(1_000_000),
        slippage=BasisPointSlippage(1_000_000),
        instruments={"IBM": {"lot": "0.5"}},
    )
    seats = {"trend": (Momentum(5, 20), "0.5"), "hold": (BuyAndHold(), "0.3")}
    feed = sample_feed(["AAPL", "IBM"], start="2008-01-01", end="2008-12-31")
    return folder, StrategyOrchestrator(seats, 10_000, config).run(feed, journal=folder)


@pytest.fixture
def folder(recorded: tuple[Path, Any], tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    return Path(shutil.copytree(recorded[0], tmp_path / "runs"))


def test_a_run_is_summarised_as_its_result_was(recorded: tuple[Path, Any]) -> None:
    """Equity, realised profit, digest and dates are those of the run."""
    folder, result = recorded
    (found,) = runs(folder)
    assert found.equity_micros == result.account_equity_micros
    assert found.total_return == pytest.approx(float(result.final_equity / result.initial_capital) - 1)
    assert found.realised_micros == sum(one.realised_micros - one.commission_micros for one in result.fills)
    assert (found.name, found.status, found.fills) == (result.journal.run_id, "complete", len(result.fills))
    assert found.digest == result.journal.digest == sha256(found.path.read_bytes()).hexdigest()
    assert found.strategies == ("trend", "hold")
    told = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert (told["first"][:10], told["last"][:10]) == ("2008-01-02", "2008-12-31")
    assert told["equity"] == float(result.final_equity)


def test_without_bars_there_is_no_total(folder: Path) -> None:
    """What is realised is in the journal; what is held has no value without bars."""
    (run,) = folder.iterdir()
    shutil.rmtree(run / "data")
    (found,) = runs(folder)
    assert (found.equity_micros, found.total_return, found.to_dict()["equity"]) == (None, None, None)
    assert found.realised_micros


def test_what_was_not_finished_is_shown_as_that(folder: Path) -> None:
    """A part, also one with a torn tail, counts up to what was written whole."""
    (run,) = folder.iterdir()
    content = (run / "journal.jsonl").read_bytes()
    (run / "journal.jsonl").unlink()
    (run / "journal.jsonl.part").write_bytes(content[: len(content) // 2])
    (found,) = runs(folder)
    assert (found.status, found.path.name) == ("unfinished", "journal.jsonl.part")
    assert 0 < found.fills < content.count(b'"k":"fill"')
    assert found.equity_micros


def test_a_run_that_stopped_is_valued_where_it_stopped(tmp_path: Path) -> None:
    asked = iter(range(100))
    feed = sample_feed("AAPL", start="2008-01-01", end="2008-12-31")
    result = StrategyOrchestrator({"hold": (BuyAndHold(), 1)}).run(
        feed, journal=tmp_path, should_stop=lambda: next(asked) == 50
    )
    (found,) = runs(tmp_path)
    assert (found.status, found.equity_micros) == ("stopped", result.account_equity_micros)


def test_what_cannot_be_read_is_told_and_not_hidden(folder: Path) -> None:
    (run,) = folder.iterdir()
    path = run / "journal.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"capital":', b'"capitol":', 1))
    (found,) = runs(folder)
    assert (found.status, found.total_return) == ("unreadable", None)
    assert "line 1" in found.problem


def test_runs_are_sorted_and_what_is_no_run_is_left_out(folder: Path) -> None:
    (run,) = folder.iterdir()
    for name in ("b", "a"):
        shutil.copytree(run, folder / name)
    (folder / "empty").mkdir()
    (folder / "other").mkdir()
    (folder / "other" / "journal.jsonl").write_text("{}\n", encoding="utf-8")
    (folder / "note.txt").write_text("no folder", encoding="utf-8")
    assert [one.name for one in runs(folder)] == ["a", "b", run.name]
    assert runs(folder / "empty") == []


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match=r"there is no folder .*nowhere"):
        runs(tmp_path / "nowhere")


def relinked(content: bytes) -> bytes:
    """Give every line of an edited journal the checksum that it should have."""
    before, lines = 0, []
    for line in content.splitlines():
        before = crc32(line[:-16], before)
        lines.append(line[:-16] + b',"x":"%08x"}\n' % before)
    return b"".join(lines)


SPOILS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "a symbol without bars": (lambda whole: relinked(whole.replace(b'"symbol":"IBM"', b'"symbol":"ZZZ"')), "'ZZZ'"),
    "an edited price": (lambda whole: whole.replace(b'"price":', b'"price":9', 1), "fill was changed"),
    "a field too few": (lambda whole: relinked(whole.replace(b'"quantity":', b'"quantities":')), "quantity"),
    "two runs in one file": (lambda whole: whole * 2, "second run"),
    "sums of no size": (lambda whole: relinked(whole.replace(b'"micros":', b'"micros":99999999999')), ""),
}


@pytest.mark.parametrize("spoil", SPOILS)
def test_one_odd_journal_does_not_hide_the_others(folder: Path, spoil: str) -> None:
    """It is listed with what is wrong and where, and none of its figures."""
    (run,) = folder.iterdir()
    odd = Path(shutil.copytree(run, folder / "odd")) / "journal.jsonl"
    change, problem = SPOILS[spoil]
    content = change(odd.read_bytes())
    assert content != odd.read_bytes()
    odd.write_bytes(content)
    first, second = runs(folder)
    assert (first.name, first.status, first.total_return, first.fills) == ("odd", "unreadable", None, 0)
    assert problem in first.problem
    assert len(first.problem) <= 200
    assert "\n" not in first.problem
    assert second.status == "complete"


def test_a_pipe_is_no_run_and_is_not_waited_for(folder: Path) -> None:
    (folder / "pipe").mkdir()
    os.mkfifo(folder / "pipe" / "journal.jsonl")
    assert len(runs(folder)) == 1
