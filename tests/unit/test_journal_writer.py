"""The writer: what is in the file is whole, whatever fails; and nobody else writes there."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from journal_runs import Recorded, flips, story
from ropewalk.bus import Bus
from ropewalk.errors import ConfigError, DiskFullError, JournalError
from ropewalk.events import RunEnded
from ropewalk.journal import MODES, Files, JournalWriter, Verdict, read_environment, recover, run_folder, verify


class Failing(Files):
    """Files of which the n-th operation of one kind fails, or writes only some bytes."""

    def __init__(self, kind: str, at: int, error: int) -> None:
        self.kind, self.at, self.error = kind, at, error
        self.calls: dict[str, int] = {}
        self.seconds = 0.0

    def _call(self, kind: str) -> None:
        self.calls[kind] = self.calls.get(kind, 0) + 1
        if kind == self.kind and self.calls[kind] == self.at:
            raise OSError(self.error, os.strerror(self.error))

    def open(self, path: Path, flags: int) -> int:
        self._call("open")
        return super().open(path, flags)

    def write(self, descriptor: int, data: memoryview) -> int:
        if self.kind == "half" and self.calls.get("half", 0) + 1 == self.at:
            # The disk fills up in the middle of a block.
            os.write(descriptor, data[: len(data) // 2])
        self._call("half")
        self._call("write")
        return super().write(descriptor, data)

    def fsync(self, descriptor: int) -> None:
        self._call("fsync")
        super().fsync(descriptor)

    def truncate(self, descriptor: int, size: int) -> None:
        self._call("truncate")
        super().truncate(descriptor, size)

    def rename(self, source: Path, target: Path) -> None:
        self._call("rename")
        super().rename(source, target)

    def monotonic(self) -> float:
        return self.seconds


class Short(Files):
    """Files that take a few bytes at a time."""

    def __init__(self, most: int) -> None:
        self.most = most

    def write(self, descriptor: int, data: memoryview) -> int:
        return super().write(descriptor, data[: self.most])


BALLAST_OPENED = 3
"""The place of the ballast among the files that a writer opens, after the lock and the part."""


def test_every_mode_writes_the_same_bytes(tmp_path: Path) -> None:
    run = flips(1_500)
    whole = run.content()
    for mode in MODES:
        if mode != "memory":
            path = run.write(tmp_path / mode, mode=mode)
            assert path == tmp_path / mode / "journal.jsonl"
            assert path.read_bytes() == whole
            assert sorted(one.name for one in path.parent.iterdir()) == ["env.json", "journal.jsonl"]
    assert verify(whole).is_clean


@pytest.mark.parametrize("most", [1, 7, 1000])
def test_a_short_write_is_continued(most: int, tmp_path: Path) -> None:
    run = story()
    assert run.write(tmp_path / "run", files=Short(most)).read_bytes() == run.content()


def failure(work: Callable[[], object]) -> str:
    """What a JournalError says; nothing when there is none."""
    try:
        work()
    except JournalError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("kind", ["write", "half", "fsync", "rename", "open"])
@pytest.mark.parametrize("at", range(1, 9))
def test_whatever_fails_whole_lines_are_kept(kind: str, at: int, error: int, tmp_path: Path) -> None:
    """Each call in turn: the error names the number that was kept, and the file has exactly the lines up to it."""
    run, folder = flips(1_500), tmp_path / "run"
    whole = run.content()
    files = Failing(kind, at, error)
    failed = failure(lambda: run.write(folder, files=files, mode="power"))
    if not failed:
        # A run goes on without ballast, and nothing depends on a sidecar, which is renamed first.
        assert files.calls.get(kind, 0) < at or (kind, at) in (("open", BALLAST_OPENED), ("rename", 1))
        assert (folder / "journal.jsonl").read_bytes() == whole
        return
    assert os.strerror(error) in failed
    left = [path for path in folder.glob("journal.jsonl*")]
    if kind == "open":
        # The folder itself could not be confirmed after the rename; before that nothing was there.
        assert [path.name for path in left] in ([], ["journal.jsonl"])
        return
    content = left[0].read_bytes()
    assert whole.startswith(content)
    assert not content or content.endswith(b"\n")
    found = verify(left[0])
    assert found.verdict in ((Verdict.INCOMPLETE, Verdict.COMPLETE) if content else (Verdict.FOREIGN,))
    assert not (folder / "journal.lock").exists()


def kept(run: Recorded, writer: JournalWriter) -> str:
    def write() -> None:
        for entry in run.entries:
            writer.record([entry])
        writer.close()

    said = failure(write)
    assert said
    writer.close()
    return said


def test_a_failing_disk_says_what_was_kept_and_where(tmp_path: Path) -> None:
    """And an error is never tried again: the writer takes no more, quietly, and what is there stays."""
    run = flips(1_500)
    writer = JournalWriter(tmp_path, inputs=run.inputs, times=run.times, files=Failing("half", 3, errno.EIO))
    said = kept(run, writer)
    number = verify(tmp_path).last_number
    assert f"keeps records up to number {number}, in {tmp_path / 'journal.jsonl.part'}" in said
    assert "the disk has confirmed none" in said
    assert writer.kept_number == number
    assert str(writer.failure) == said
    size = writer.path.stat().st_size
    writer.record([run.entries[-1]])
    writer.flush()
    assert writer.path.stat().st_size == size


class Small(Files):
    """A disk with room for so many bytes, of which the ballast takes its share until it is dropped."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.ballast = self.written = 0

    def allocate(self, descriptor: int, size: int) -> None:
        if size > self.room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.ballast = descriptor
        super().allocate(descriptor, size)

    def write(self, descriptor: int, data: memoryview) -> int:
        set_aside = 0
        with suppress(OSError):
            set_aside = os.fstat(self.ballast).st_size if self.ballast else 0
        left = self.room - self.written - set_aside
        if left <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        count = super().write(descriptor, data[:left])
        self.written += count
        return count


@pytest.mark.parametrize("room", [1 << 20, (1 << 20) + 40_000, (1 << 20) + 100_000, (1 << 20) + 170_000])
def test_a_full_disk_leaves_room_for_the_end(room: int, tmp_path: Path) -> None:
    """The block that met it is written whole, then what follows, up to a footer; the journal gets its name."""
    run = flips(1_500)
    writer = JournalWriter(tmp_path, inputs=run.inputs, times=run.times, files=Small(room))
    entries = iter(run.entries[:-1])
    taken = []

    def record() -> None:
        for entry in entries:
            taken.append(entry)
            writer.record([entry])

    with pytest.raises(DiskFullError) as told:
        record()
    entry = taken[-1]
    # The footer says so, and a journal names no place.
    assert str(tmp_path) not in str(told.value)
    assert f"stopped after number {entry[0]}" in str(told.value)
    totals = Counter(type(kept[2]).__name__ for kept in run.entries[: run.entries.index(entry) + 1])
    counted = [totals[name] for name in ("Intent", "Decision", "Conflict", "Fill", "Lapse")]
    writer.record([(entry[0] + 1, entry[0], RunEnded(entry[2].at_us, "failed", "it was full", 1_500, *counted))])
    writer.close()
    found = verify(tmp_path)
    assert (found.is_clean, found.status, found.last_number) == (True, "failed", entry[0] + 1), str(found)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["env.json", "journal.jsonl"]


def test_a_disk_that_is_full_at_the_very_end_costs_nothing(tmp_path: Path) -> None:
    """The ballast is given back, the run is complete, and nobody has to hear of it."""
    run = flips(1_500)
    whole = run.content()
    path = run.write(tmp_path, files=Small((1 << 20) + len(whole) - 300))
    assert path.read_bytes() == whole


def test_a_disk_without_room_for_ballast_is_full_as_ever(tmp_path: Path) -> None:
    """What is there is whole, and says up to which number."""
    run = flips(1_500)
    writer = JournalWriter(tmp_path, inputs=run.inputs, times=run.times, files=Small(100_000))
    said = kept(run, writer)
    found = verify(tmp_path)
    assert f"up to number {found.last_number}, in" in said
    assert found.verdict is Verdict.INCOMPLETE


def test_a_file_that_cannot_be_cut_back_is_a_torn_tail(tmp_path: Path) -> None:
    """The one thing left for recovery to do; what is told is why it could not be written."""

    class Stuck(Failing):
        def truncate(self, descriptor: int, size: int) -> None:
            raise OSError(errno.EIO, "truncate failed")

    run = flips(1_500)
    writer = JournalWriter(tmp_path, inputs=run.inputs, times=run.times, files=Stuck("half", 3, errno.ENOSPC))
    assert os.strerror(errno.ENOSPC) in kept(run, writer)
    assert verify(tmp_path).verdict is Verdict.TORN
    recover(tmp_path)
    assert verify(tmp_path).verdict is Verdict.INCOMPLETE


def test_an_interrupted_writer_takes_no_more(tmp_path: Path) -> None:
    """What could not be written leaves a gap; nothing is put behind it."""

    class Interrupted(Files):
        def write(self, descriptor: int, data: memoryview) -> int:
            super().write(descriptor, data[:100])
            raise KeyboardInterrupt

    run = story()
    writer = JournalWriter(tmp_path, inputs=run.inputs, times=run.times, files=Interrupted())
    writer.record([run.entries[0]])
    with pytest.raises(KeyboardInterrupt):
        writer.flush()
    for entry in run.entries[1:]:
        writer.record([entry])
    writer.close()
    assert writer.path.stat().st_size == 100
    assert "KeyboardInterrupt" in str(writer.failure)


def test_an_empty_part_stands_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / "journal.jsonl.part").touch()
    assert verify(story().write(tmp_path)).is_clean


def test_the_full_device_is_an_error_in_words(tmp_path: Path) -> None:
    class Full(Files):
        def open(self, path: Path, flags: int) -> int:
            return os.open("/dev/full", os.O_WRONLY) if path.suffix == ".part" else super().open(path, flags)

    run = story()
    writer = JournalWriter(tmp_path, inputs=run.inputs, times=run.times, files=Full())
    assert "nothing was kept" in kept(run, writer)


@pytest.mark.parametrize("changes", [{"kind": "fsync", "at": 1}, {"kind": "fsync", "at": 2}])
def test_an_unconfirmed_journal_says_so(changes: dict[str, Any], tmp_path: Path) -> None:
    run = flips(1_500)
    files = Failing(**changes, error=errno.EIO)
    said = kept(run, JournalWriter(tmp_path, inputs=run.inputs, times=run.times, files=files, mode="power"))
    assert "the disk has confirmed" in said


def test_two_writers_in_one_folder_are_refused(tmp_path: Path) -> None:
    """The second is told who holds it; when the first is done, the finished journal is what stands in the way."""
    run = story()
    with JournalWriter(tmp_path, inputs=run.inputs, times=run.times) as first:
        with pytest.raises(JournalError, match=f"being written by process {os.getpid()}"):
            JournalWriter(tmp_path, inputs=run.inputs, times=run.times)
        first.record([run.entries[0]])
        first.flush()
        first.path.write_bytes(first.path.read_bytes() + b"torn")
        with pytest.raises(JournalError, match="being written"):
            recover(tmp_path)


def test_a_finished_journal_is_replaced_only_when_asked(tmp_path: Path) -> None:
    run = story()
    run.write(tmp_path)
    with pytest.raises(JournalError, match=r"is finished.*again=True"):
        run.write(tmp_path)
    assert run.write(tmp_path, again=True).read_bytes() == run.content()


def test_an_unfinished_part_is_kept_aside(tmp_path: Path) -> None:
    run = story()
    for _ in range(2):
        with JournalWriter(tmp_path, inputs=run.inputs, times=run.times, again=True) as writer:
            for entry in run.entries[:40]:
                writer.record([entry])
    assert verify(tmp_path).verdict is Verdict.INCOMPLETE
    with pytest.raises(JournalError, match="never finished"):
        run.write(tmp_path)
    with JournalWriter(tmp_path, inputs=run.inputs, times=run.times, again=True):
        aside = sorted(one.relative_to(tmp_path / "quarantine") for one in (tmp_path / "quarantine").glob("*/*"))
    assert [str(one) for one in aside] == [
        "earlier.1/env.json.part",
        "earlier.1/journal.jsonl.part",
        "earlier.2/env.json.part",
        "earlier.2/journal.jsonl.part",
    ]
    assert verify(tmp_path / "quarantine" / "earlier.1").last_number == run.entries[39][0]


def test_a_finished_journal_cleans_up_the_parts_that_it_repeats(tmp_path: Path) -> None:
    """Byte for byte, torn tails included; a part that differs in one byte is evidence, and stays, and is told."""
    run = story()
    quarantine = tmp_path / "quarantine"
    for end in (b"", run.content()[9_000:9_050], b"other"):
        with JournalWriter(tmp_path, inputs=run.inputs, times=run.times, again=True) as writer:
            pass
        (tmp_path / "journal.jsonl.part").write_bytes(run.content()[:9_000] + end)
    with JournalWriter(tmp_path, inputs=run.inputs, times=run.times, again=True) as writer:
        writer.record(run.entries)
    assert [one.name for one in quarantine.iterdir()] == ["earlier.3"]
    assert writer.journal.earlier == quarantine / "earlier.3"
    (quarantine / "earlier.3" / "journal.jsonl.part").write_bytes(run.content()[:9_000])
    again = run.write(tmp_path, again=True)
    assert again.read_bytes() == run.content()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["env.json", "journal.jsonl"]


def test_a_killed_recording_over_a_journal_leaves_that_journal(tmp_path: Path) -> None:
    """With its own surroundings; the part lies beside it, and verify says so."""
    run = story()
    run.write(tmp_path)
    before = read_environment(tmp_path)
    with JournalWriter(tmp_path, inputs=run.inputs, times=run.times, again=True) as writer:
        for entry in run.entries[:40]:
            writer.record([entry])
    found = verify(tmp_path)
    assert found.is_clean
    assert "beside it is journal.jsonl.part" in str(found)
    assert read_environment(tmp_path) == before
    assert sorted(one.name for one in tmp_path.iterdir()) == [
        "env.json",
        "env.json.part",
        "journal.jsonl",
        "journal.jsonl.part",
    ]


def test_a_forked_child_may_not_write(tmp_path: Path) -> None:
    run = story()
    writer = JournalWriter(tmp_path, inputs=run.inputs, times=run.times)
    writer.record([run.entries[0]])
    child = os.fork()
    if not child:
        try:
            writer.flush()
        except JournalError as error:
            writer.close()
            os._exit(7 if "forked child" in str(error) else 8)
        os._exit(9)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    for entry in run.entries[1:]:
        writer.record([entry])
    writer.close()
    assert writer.path.read_bytes() == run.content()


def test_the_mode_says_when_lines_reach_the_file(tmp_path: Path) -> None:
    """`step` writes each beat at once; `process` by number and by time."""
    run = story()
    files = Failing("", 0, 0)
    by_step = JournalWriter(tmp_path / "a", inputs=run.inputs, times=run.times, mode="step")
    by_time = JournalWriter(tmp_path / "b", inputs=run.inputs, times=run.times, files=files)
    for entry in run.entries[:30]:
        by_step.record([entry])
        by_time.record([entry])
    assert by_step.kept_number == run.entries[29][0]
    assert by_time.kept_number == -1
    files.seconds = 0.6
    by_time.record([run.entries[30]])
    assert by_time.kept_number == run.entries[30][0]
    by_step.close()
    by_time.close()


def test_a_run_that_did_not_end_leaves_a_part(tmp_path: Path) -> None:
    run = story()
    writer = JournalWriter(tmp_path, inputs=run.inputs, times=run.times)
    for entry in run.entries[:-1]:
        writer.record([entry])
    writer.close()
    assert writer.path.name == "journal.jsonl.part"
    found = verify(tmp_path)
    assert (found.verdict, found.exit_code, found.last_number) == (Verdict.INCOMPLETE, 3, run.entries[-2][0])


def test_a_failed_run_has_a_footer_too(tmp_path: Path) -> None:
    """Whatever instant it fell over in; what was wanted then needs no decision."""
    run = story()
    place = next(place for place, entry in enumerate(run.entries) if type(entry[2]).__name__ == "Intent" and place > 30)
    number, _, intent = run.entries[place]
    counts = [type(entry[2]).__name__ for entry in run.entries[: place + 1]]
    totals = [counts.count(name) for name in ("Intent", "Decision", "Conflict", "Fill", "Lapse")]
    ended = RunEnded(intent.at_us, "failed", "ValueError: what", 100, *totals)
    entries = [*run.entries[: place + 1], (number + 1, number, ended)]
    found = verify(Recorded(entries, run.inputs, run.times).write(tmp_path))
    assert (str(found.verdict.letter), found.status, found.found) == ("A", "failed", 0)


def test_a_folder_that_cannot_be_used_is_an_error_in_words(tmp_path: Path) -> None:
    run = story()
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError, match="cannot take a journal"):
        run.write(tmp_path / "file" / "run")
    with pytest.raises(ConfigError, match="modes are memory, process"):
        JournalWriter(tmp_path, inputs=run.inputs, times=run.times, mode="quick")  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="only memory has no folder"):
        JournalWriter(None, inputs=run.inputs, times=run.times)


def test_a_path_is_for_files_and_content_for_memory(tmp_path: Path) -> None:
    run = story()
    writer = JournalWriter(None, inputs=run.inputs, times=run.times, mode="memory")
    with pytest.raises(JournalError, match="`content`"):
        _ = writer.path
    writer.record([run.entries[0]])
    assert (writer.kept_number, writer.content) == (-1, b"")
    writer.flush()
    assert writer.kept_number == 0
    assert run_folder(tmp_path, run.inputs) == tmp_path / run.inputs.run_id


def test_the_sidecar_says_where_and_when(tmp_path: Path) -> None:
    """It is read back, may be missing, and what is broken says so."""
    story().write(tmp_path)
    facts = read_environment(tmp_path)
    assert {"python", "packages", "platform", "hash_seed", "command", "began", "ended"} <= facts.keys()
    assert facts["packages"]["msgspec"]
    assert read_environment(tmp_path / "quarantine") == {}
    (tmp_path / "env.json").write_text("{")
    with pytest.raises(JournalError, match="may be removed"):
        read_environment(tmp_path)


def test_a_sidecar_without_room_takes_nothing_from_the_journal(tmp_path: Path) -> None:
    run = story()
    with JournalWriter(tmp_path, inputs=run.inputs, times=run.times) as writer:
        (tmp_path / "env.json.part").unlink()
        (tmp_path / "env.json.part").mkdir()
        (tmp_path / "env.json").mkdir()
        for entry in run.entries:
            writer.record([entry])
    assert writer.path.read_bytes() == run.content()


def test_the_writer_sits_in_the_recorders_seat(tmp_path: Path) -> None:
    """It hears what the bus numbers, in the bus's own order."""
    run = story()
    with JournalWriter(tmp_path, inputs=run.inputs, times=run.times) as writer:
        bus = Bus()
        bus.record(writer.record)
        bus.seal()
        bus.announce(run.entries[0][2])
        bus.announce(run.entries[-1][2])
    assert [writer.kept_number, verify(tmp_path).status] == [1, "complete"]


def test_a_writer_that_is_killed_leaves_whole_lines(tmp_path: Path) -> None:
    """Killed without warning after a flush: what was flushed is there, and the lock dies with the process."""
    code = (
        "import os, sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path; from journal_runs import story; from ropewalk.journal import JournalWriter\n"
        "run = story(); writer = JournalWriter(Path(sys.argv[2]), inputs=run.inputs, times=run.times)\n"
        "[writer.record([entry]) for entry in run.entries[:50]]; writer.flush(); os.kill(os.getpid(), 9)\n"
    )
    tests = str(Path(__file__).parents[1])
    environment = os.environ | {"PYTHONPATH": str(Path(tests).parent / "src")}
    killed = subprocess.run([sys.executable, "-c", code, tests, str(tmp_path)], env=environment, check=False)
    assert killed.returncode == -9
    assert verify(tmp_path).verdict is Verdict.INCOMPLETE
    assert (tmp_path / "journal.lock").exists()
    assert recover(tmp_path).quarantined is None
    story().write(tmp_path, again=True)
