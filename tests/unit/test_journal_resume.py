"""Resuming: wherever a run was interrupted, however often, the finished journal has the bytes of one that never was."""

from __future__ import annotations

import errno
import os
import resource
import signal
import time
from hashlib import sha256
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from examples import IS_DEEP, examples
from generators import Case, cases
from recorded_runs import BRISK, BUSY, TALES, Chatty, Tale, months, teams
from ropewalk import Cutoff, Fill, Momentum, StrategyOrchestrator
from ropewalk.errors import DivergedError, JournalError, MissingInputError, StrategyError
from ropewalk.journal import (
    Files,
    Origin,
    Recording,
    Verdict,
    read_environment,
    recover,
    replay,
    resume,
    runs,
    verify,
)
from ropewalk.observers.observer import observer
from ropewalk.orchestrator import orchestrator
from ropewalk.recording import writer as recording_writer
from ropewalk.recording.lock import FolderLock

RUNS = {"itself": 20, "time": 5} if IS_DEEP else {"itself": 6, "time": 1}
"""Runs for each mode, each to be killed three times; in which call they kill themselves, or when, is random."""
ATTEMPTS = 3
CERTAIN = {"itself": 2 * RUNS["itself"], "time": 0}
"""Kills that there are for certain, of three attempts a run: it may be over before the call or the time."""


def whole_of(tale: Tale) -> bytes:
    content: bytes = tale.run().journal.content
    return content


def folder_of(root: Path) -> Path:
    (folder,) = root.iterdir()
    return folder


# ── stopped ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("stops", [0, 1, 2, 50, 105])
@pytest.mark.parametrize("name", ["all four", "actions", "close at end", "lucky", "own rules", "flattened"])
def test_a_stopped_run_goes_on(name: str, stops: int, tmp_path: Path) -> None:
    tale = TALES[name]
    asked = iter(range(10_000))
    assert tale.run_unchecked(tmp_path, should_stop=lambda: next(asked) == stops).ended.status == "stopped"
    done = resume(folder_of(tmp_path), **tale.again())
    assert Path(done.path).read_bytes() == whole_of(tale)
    assert (done.status, done.exit_code) == ("complete", 0)
    assert done.quarantined is not None
    assert b'"k":"footer"' in Path(done.quarantined).read_bytes()
    assert done.result.to_dict() == {**tale.run().to_dict(), **_of_journal(done.result)}


def _of_journal(result: Any) -> dict[str, Any]:
    return {name: value for name, value in result.to_dict().items() if name == "journal"}


@settings(max_examples=examples(40))
@given(cases(), st.lists(st.integers(0, 9), max_size=3))
def test_any_run_goes_on_however_often_it_was_stopped(case: Case, stops: list[int]) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as root:
        run = case.orchestrator().run(case.data(), journal=Recording(mode="memory"))
        asked = iter(range(10_000))
        first = case.orchestrator().run(case.data(), journal=root, should_stop=lambda: next(asked) == 1)
        folder = folder_of(Path(root))
        for stop in accumulate(stops, initial=1):
            if verify(folder).status == "complete":
                break
            strategies = {name: seat.strategy for name, seat in case.orchestrator().seats.items()}
            again = iter(range(10_000))
            resume(folder, strategies=strategies, data=case.data(), should_stop=lambda a=again, s=stop: next(a) == s)
        if verify(folder).status != "complete":
            resume(folder, strategies={n: s.strategy for n, s in case.orchestrator().seats.items()}, data=case.data())
        assert (folder / "journal.jsonl").read_bytes() == run.journal.content
        assert first.journal.run_id == run.journal.run_id


# ── cut ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.no_cover
def test_a_journal_cut_anywhere_goes_on(tmp_path: Path) -> None:
    """Between lines and within them, from the end of the header on; also before all the inputs were written."""
    tale = TALES["everything"]
    whole = whole_of(tale)
    begin = whole.index(b"\n") + 1
    random = Random(3)
    ends = [place + 1 for place, byte in enumerate(whole) if byte == 10]
    for number, size in enumerate([*ends, *random.sample(range(begin, len(whole)), examples(100))]):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "journal.jsonl.part").write_bytes(whole[:size])
        done = resume(folder, **tale.again())
        assert (folder / "journal.jsonl").read_bytes() == whole, size
        assert (done.quarantined is None) == (whole[size - 1] == 10)
        assert not (folder / "journal.jsonl.part").exists()
        assert not (folder / "journal.lock").exists()


def test_a_finished_part_only_lacks_its_name(tmp_path: Path) -> None:
    """Its writer died between the last line and the rename; nothing is written, and nothing lost."""
    tale = TALES["all four"]
    whole = whole_of(tale)
    (tmp_path / "journal.jsonl.part").write_bytes(whole)
    done = resume(tmp_path, **tale.again())
    assert (tmp_path / "journal.jsonl").read_bytes() == whole
    assert done.digest == sha256(whole).hexdigest()


# ── what is refused ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_complete_failed_or_damaged_is_left_alone(tmp_path: Path) -> None:
    tale = TALES["momentum"]
    folder = tale.run(tmp_path / "a").journal.path.parent
    before = (folder / "journal.jsonl").read_bytes()
    with pytest.raises(JournalError, match="nothing to resume"):
        resume(folder, **tale.again())
    damaged = before.replace(b'"rows":[2', b'"rows":[1', 1)
    (folder / "journal.jsonl").write_bytes(damaged)
    with pytest.raises(JournalError, match="left as it is"):
        resume(folder, **tale.again())
    assert (folder / "journal.jsonl").read_bytes() == damaged
    fails = Tale(lambda: teams(TALES["suspended"].strategies()["s0"]), months)
    with pytest.raises(StrategyError):
        fails.run(tmp_path / "b")
    with pytest.raises(JournalError, match="cannot be resumed"):
        resume(folder_of(tmp_path / "b"), **fails.again())
    with pytest.raises(JournalError, match="only a run in a folder"):
        resume(before)  # type: ignore[arg-type]


def stopped(tale: Tale, root: Path) -> Path:
    asked = iter(range(10_000))
    tale.run(root, should_stop=lambda: next(asked) == 60)
    return folder_of(root)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"strategies": {"s0": Momentum(6, 20)}}, r"strategy s0: parameters was .*5.* is .*6"),
        ({"strategies": {"s0": Chatty()}}, r"strategy s0: use was .*Momentum.* is .*Chatty"),
        ({"strategies": {"other": Momentum(5, 20)}}, r"the run had the strategies s0"),
        ({"config": Tale(dict, months, lambda: {"seed": 1}).config()}, r"seed 1 instead of 0"),
        ({"data": {}}, r"."),
    ],
)
def test_other_inputs_are_named_and_nothing_is_changed(changes: dict[str, Any], said: str, tmp_path: Path) -> None:
    tale = TALES["momentum"]
    folder = stopped(tale, tmp_path)
    before = (folder / "journal.jsonl").read_bytes()
    with pytest.raises(Exception, match=said) as raised:
        resume(folder, **{**tale.again(), **changes})
    assert type(raised.value).__module__ == "ropewalk.errors"
    assert (folder / "journal.jsonl").read_bytes() == before
    assert not (folder / "quarantine").exists()


def test_other_costs_are_other_inputs(tmp_path: Path) -> None:
    """Cost models that ship are structs; their amounts are part of what a run follows from."""
    from ropewalk import PerShareCommission

    tale = TALES["all four"]
    folder = stopped(tale, tmp_path)
    with pytest.raises(JournalError, match="commission PerShareCommission: parameters was"):
        resume(folder, **{**tale.again(), "config": tale.config(commission=PerShareCommission(5_001, 1_000_000))})


def test_a_strategy_that_does_not_repeat_itself_adds_nothing(tmp_path: Path) -> None:
    """The same class and parameters, but it knows what time it is."""
    calls = iter([False, True])

    class Moody(Momentum):
        def should_enter(self, bars: Any) -> Any:
            return next(iter([mood])) and super().should_enter(bars)

    mood = True
    tale = Tale(lambda: teams(Moody(5, 20)), months)
    folder = stopped(tale, tmp_path)
    mood = next(calls)
    with pytest.raises(DivergedError, match="does not repeat what was recorded"):
        resume(folder, **tale.again())


def test_strategies_made_by_name_need_nothing(tmp_path: Path) -> None:
    origins = {"trend": Origin("momentum", {"short_window": 5, "long_window": 20})}

    def run(journal: Any, **named: Any) -> Any:
        return StrategyOrchestrator({"trend": (Momentum(5, 20), "0.5")}).run(months(), journal=journal, **named)

    asked = iter(range(1000))
    run(Recording(tmp_path, origins=origins), should_stop=lambda: next(asked) == 70)
    done = resume(folder_of(tmp_path))
    assert Path(done.path).read_bytes() == run(Recording(mode="memory", origins=origins)).journal.content


@pytest.mark.parametrize("kind", [Fill, Cutoff])
def test_a_fault_of_an_observer_is_repeated(kind: type, tmp_path: Path) -> None:
    """Whether the observer is there again or not."""
    tale = TALES["all four"]

    def clumsy() -> Any:
        @observer(kind)
        def drop(event: Any, number: int, cause: int) -> None:
            raise RuntimeError("dropped it")

        return drop

    whole = tale.run(observers=[clumsy()]).journal.content
    for name, observers in (("with", [clumsy()]), ("without", [])):
        asked = iter(range(1000))
        tale.run(tmp_path / name, observers=[clumsy()], should_stop=lambda a=asked: next(a) == 60)
        done = resume(folder_of(tmp_path / name), observers=observers, **tale.again())
        assert Path(done.path).read_bytes() == whole, name


# ── killed ────────────────────────────────────────────────────────────────────────────────────────────────────────────


class Deadly(Files):
    """Files whose process kills itself, without warning, at the n-th operation; a write may have written a part."""

    def __init__(self, at: int, part: float) -> None:
        self.left = at
        self.part = part

    def _step(self) -> bool:
        self.left -= 1
        return self.left == 0

    def write(self, descriptor: int, data: memoryview) -> int:
        if self._step():
            os.write(descriptor, data[: int(len(data) * self.part)])
            os.kill(os.getpid(), signal.SIGKILL)
        return super().write(descriptor, data)

    def fsync(self, descriptor: int) -> None:
        if self._step():
            os.kill(os.getpid(), signal.SIGKILL)
        super().fsync(descriptor)

    def rename(self, source: Path, target: Path) -> None:
        if self._step():
            os.kill(os.getpid(), signal.SIGKILL)
        super().rename(source, target)


def killed(work: Any, delay: float | None) -> bool:
    """Do some work in a child; whether it was killed, by itself or after a delay."""
    child = os.fork()
    if not child:
        try:
            work()
        finally:
            os._exit(0)
    if delay is not None:
        time.sleep(delay)
        os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def with_files(monkeypatch: pytest.MonkeyPatch, files: Files) -> None:
    monkeypatch.setattr(recording_writer, "Files", lambda: files)


@pytest.mark.no_cover
@pytest.mark.parametrize("by", ["itself", "time"])
@pytest.mark.parametrize("mode", ["process", "step", "power"])
def test_a_killed_run_goes_on(mode: Any, by: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    SIGKILL at a random moment, and again while resuming: what is left is sound, and what is finished in the end has the
    digest of the run that nobody interrupted.
    """
    tale, random = BRISK if mode == "step" else BUSY, Random(f"{mode} {by}")
    # Threads that write bars do not live on in a forked child; the data are given to whoever resumes.
    monkeypatch.setattr(orchestrator, "save_bars", lambda feed, folder: folder)
    whole = whole_of(tale)
    start = time.perf_counter()
    tale.run_unchecked(Recording(tmp_path / "whole", mode=mode))
    took = time.perf_counter() - start
    operations = {"process": 12, "step": 300, "power": 14}[mode]
    kills = torn = anew = 0
    for number in range(RUNS[by]):
        root = tmp_path / str(number)
        recording = Recording(root, mode=mode)
        for attempt in range(ATTEMPTS):
            at, part = random.randrange(1, operations), random.choice([0.0, random.random(), 1.0])
            has_begun = attempt and any(root.glob("*/journal.jsonl*"))

            def work(at: int = at, part: float = part, has_begun: Any = has_begun) -> None:
                if by == "itself":
                    with_files(monkeypatch, Deadly(at, part))
                if has_begun:
                    resume(folder_of(root), mode=mode, **tale.again())  # noqa: B023
                else:
                    tale.run_unchecked(recording)  # noqa: B023

            kills += killed(work, None if by == "itself" else random.uniform(0, 0.6 * took))
            folder = folder_of(root) if root.exists() else None
            left = sorted(folder.glob("journal.jsonl*")) if folder is not None else []
            if not left or not left[0].stat().st_size:
                anew += 1
                continue
            found = verify(left[0])
            torn += found.verdict is Verdict.TORN
            if found.verdict is Verdict.FOREIGN:
                # Not even the header got there whole: there is no run to resume, only one to begin.
                recording = recording._replace(again=True)
                left[0].unlink()
                continue
            assert found.verdict in (Verdict.COMPLETE, Verdict.INCOMPLETE, Verdict.TORN), str(found)
            assert whole.startswith(left[0].read_bytes()[: found.sound_bytes])
        if not any(root.glob("*/journal.jsonl*")):
            tale.run_unchecked(recording)
        folder = folder_of(root)
        left = sorted(folder.glob("journal.jsonl*"))
        if left[0].stat().st_size == 0:
            tale.run_unchecked(recording)
        elif left[0].name != "journal.jsonl":
            resume(folder, mode=mode, **tale.again())
        assert (folder / "journal.jsonl").read_bytes() == whole
    print(f"{mode} by {by}: {kills} kills, {torn} torn tails, {anew} times nothing was there yet")
    assert kills >= CERTAIN[by]


# ── disks that fail ───────────────────────────────────────────────────────────────────────────────────────────────────


class Failing(Files):
    """Files of which the n-th call of one kind fails; `half` writes a part before."""

    def __init__(self, kind: str, at: int, error: int) -> None:
        self.kind, self.left, self.error = kind, at, error

    def _call(self, kind: str) -> bool:
        self.left -= kind == self.kind
        return kind == self.kind and self.left == 0

    def _fail(self) -> None:
        raise OSError(self.error, os.strerror(self.error))

    def write(self, descriptor: int, data: memoryview) -> int:
        if self._call("half"):
            os.write(descriptor, data[: len(data) // 2])
            self._fail()
        if self._call("write"):
            self._fail()
        return super().write(descriptor, data[:700] if self.kind == "short" else data)

    def fsync(self, descriptor: int) -> None:
        if self._call("fsync"):
            self._fail()
        super().fsync(descriptor)

    def rename(self, source: Path, target: Path) -> None:
        if self._call("rename"):
            self._fail()
        super().rename(source, target)


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("kind", ["write", "half", "fsync", "rename", "short"])
def test_a_run_whose_disk_fails_says_what_was_kept_and_goes_on(
    kind: str, error: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each call in turn until none fails: JournalError with the number kept, a sound rest, the same digest after."""
    tale = TALES["lucky"]
    whole = whole_of(tale)
    failed = 0
    for at in range(1, 30):
        root = tmp_path / str(at)
        said = ""
        with monkeypatch.context() as patch:
            with_files(patch, Failing(kind, at, error))
            try:
                tale.run_unchecked(Recording(root, mode="power"))
            except JournalError as raised:
                said = str(raised)
        folder = folder_of(root)
        if not said:
            assert (folder / "journal.jsonl").read_bytes() == whole
            if (kind, at) == ("rename", 1):
                # That was the sidecar, on which nothing depends.
                continue
            break
        failed += 1
        assert os.strerror(error) in said
        (left,) = folder.glob("journal.jsonl*")
        if "all of which the journal keeps" in said:
            # There was room for the end of it.
            found = verify(left)
            assert (error, found.is_clean, found.status) == (errno.ENOSPC, True, "failed")
            assert found.reason.startswith("DiskFullError: ")
            assert replay(folder, level="full", **tale.again()).is_identical
            assert resume(folder, **tale.again()).kept_number == found.last_number - 1
        elif not left.stat().st_size:
            assert "nothing was kept" in said
            tale.run_unchecked(Recording(root))
        else:
            found = verify(left)
            assert f"up to number {found.last_number}" in said
            assert found.verdict in (Verdict.INCOMPLETE, Verdict.COMPLETE)
            if left.name != "journal.jsonl":
                resume(folder, **tale.again())
        assert (folder / "journal.jsonl").read_bytes() == whole
    else:
        pytest.fail("there was no end of failures")
    assert failed >= (0 if kind == "short" else 1)
    print(kind, errno.errorcode[error], failed)


def test_the_full_device_stops_the_run_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(Files):
        def open(self, path: Path, flags: int) -> int:
            return os.open("/dev/full", os.O_WRONLY) if path.suffix == ".part" else super().open(path, flags)

    with_files(monkeypatch, Full())
    with pytest.raises(JournalError, match="nothing was kept"):
        TALES["momentum"].run(tmp_path)


def test_bars_that_cannot_be_copied_are_no_reason_not_to_run(tmp_path: Path) -> None:
    """The journal refers to them by their digest; result and sidecar say that whoever replays it has to bring them."""
    tale = TALES["momentum"]
    # Files may not grow beyond what the journal takes: the copy fails half-way, as on a disk that is too small.
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(tale.run().journal.content), limits[1]))
    try:
        journal = tale.run_unchecked(tmp_path).journal
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert verify(journal.path).is_clean
    (note,) = journal.notes
    assert note.startswith("no copy of the bars is beside the journal, since it could not be written: File too large")
    assert read_environment(journal.path.parent)["notes"] == [note]
    assert list((journal.path.parent / "data").iterdir()) == []
    with pytest.raises(MissingInputError, match=r"has no bars beside it: .*; give data="):
        replay(journal.path, level="decisions")
    assert replay(journal.path, level="full", **tale.again()).is_identical


def test_bars_that_are_too_many_to_copy_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orchestrator, "ROWS_COPIED_MAX", 100)
    journal = TALES["momentum"].run(tmp_path).journal
    assert journal.notes[0].endswith("since 212 are more than 100; keep them to replay it")
    assert not (journal.path.parent / "data").exists()


def test_a_folder_is_held_before_it_is_judged(tmp_path: Path) -> None:
    """Whoever is still writing has not written everything; so both refuse, whatever there is to see."""
    tale = TALES["momentum"]
    folder = tale.run(tmp_path).journal.path.parent
    for content in (b"", b"no journal"):
        (folder / "journal.jsonl").write_bytes((folder / "journal.jsonl").read_bytes() + content)
        told = f"is being written by process {os.getpid()}; wait until that has ended$"
        with FolderLock(folder, Files()):
            for work in (lambda: recover(folder), lambda: resume(folder, **tale.again())):
                with pytest.raises(JournalError, match=told):
                    work()
    assert not (folder / "journal.lock").exists()


@pytest.mark.parametrize("name", ["all four", "momentum"])
def test_a_whole_journal_that_lacks_its_name_is_told_and_gets_it(name: str, tmp_path: Path) -> None:
    """Who wrote it died between the footer and the rename; verify and runs say so, recover mends it."""
    tale = TALES[name]
    path = tale.run(tmp_path).journal.path
    whole = path.read_bytes()
    path.rename(path.with_name("journal.jsonl.part"))
    (path.parent / "env.json").rename(path.parent / "env.json.part")
    assert "still has the name of a part, journal.jsonl.part; `ropewalk recover`" in str(verify(path.parent))
    (summary,) = runs(tmp_path)
    assert (summary.status, summary.remark) == ("complete", verify(path.parent).remark)
    done = recover(path.parent)
    assert (done.path, done.is_named, done.exit_code) == (path, True, 0)
    assert path.read_bytes() == whole
    assert sorted(one.name for one in path.parent.iterdir()) == ["data", "env.json", "journal.jsonl"]
    assert (verify(path.parent).remark, runs(tmp_path)[0].remark) == ("", "")
    assert not recover(path.parent).is_named


def test_a_torn_tail_in_the_middle_of_a_line_is_kept_aside(tmp_path: Path) -> None:
    tale = TALES["all four"]
    whole = whole_of(tale)
    for cut in (b"", b"\x00" * 700, b'{"n":'):
        folder = tmp_path / str(len(cut))
        folder.mkdir()
        (folder / "journal.jsonl.part").write_bytes(whole[: len(whole) // 2] + cut)
        assert replay(recover(folder).path, level="full", **tale.again()).is_identical
        done = resume(folder, **tale.again())
        assert Path(done.path).read_bytes() == whole
        assert list((folder / "quarantine").iterdir())
