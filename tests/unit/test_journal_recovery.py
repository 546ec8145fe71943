"""Torn is not corrupt: what a cut leaves is sound, and only a torn tail is ever moved."""

from __future__ import annotations

import errno
import itertools
import json
import os
from pathlib import Path
from typing import Any

import pytest

from journal_runs import Recorded, story
from ropewalk.errors import JournalError
from ropewalk.journal import Files, Journal, Verdict, read, recover, verdict_of, verify

CLAIMS = (
    "has_header",
    "has_bad_line",
    "good_line_follows",
    "has_footer",
    "more_follows_footer",
    "digests_hold",
    "links_hold",
)


@pytest.mark.parametrize("claims", [*itertools.product((False, True), repeat=len(CLAIMS))])
def test_every_combination_has_one_verdict(claims: tuple[bool, ...]) -> None:
    """The table, said a second time, verdict by verdict: each combination fits exactly one of them."""
    told = dict(zip(CLAIMS, claims, strict=True))
    header, bad, good_follows, footer, more, digests, links = claims
    in_the_middle = bad and (good_follows or footer)
    fits = {
        Verdict.FOREIGN: not header,
        Verdict.CORRUPT: header and in_the_middle,
        Verdict.UNLINKED: header and not in_the_middle and not links,
        Verdict.EDITED: header and not in_the_middle and links and not digests,
        Verdict.APPENDED: header and not bad and links and digests and footer and more,
        Verdict.TORN: header and bad and not in_the_middle and links and digests,
        Verdict.INCOMPLETE: header and not bad and links and digests and not footer,
        Verdict.COMPLETE: header and not bad and links and digests and footer and not more,
    }
    assert [verdict for verdict, does in fits.items() if does] == [verdict_of(**told)]


def test_the_letters_are_those_of_the_table() -> None:
    assert "".join(verdict.letter for verdict in Verdict) == "ABCDEFGH"
    assert [verdict.exit_code for verdict in Verdict] == [0, 3, 3, 1, 1, 1, 1, 2]
    assert all(verdict.meaning and verdict.action for verdict in Verdict)


def short(entries: int = 25) -> bytes:
    """A journal of a few records of each kind."""
    run = story()
    return Recorded(run.entries[:entries], run.inputs, run.times).content()


@pytest.mark.no_cover
def test_a_cut_at_every_byte_is_sound() -> None:
    """Before the first line end there is no journal; after it, a cut between lines is incomplete, else torn."""
    whole = short(14)
    header_end = whole.index(b"\n") + 1
    for size in range(len(whole)):
        found = verify(whole[:size])
        if size < header_end:
            expected = Verdict.FOREIGN
        else:
            expected = Verdict.INCOMPLETE if whole[size - 1 : size] == b"\n" else Verdict.TORN
        assert found.verdict is expected, size
        if expected is not Verdict.FOREIGN:
            assert found.sound_bytes == whole.rfind(b"\n", 0, size) + 1
            assert found.exit_code == 3
            assert found.found == (expected is Verdict.TORN)


@pytest.mark.parametrize("size", range(800, 4000, 97))
@pytest.mark.parametrize("tail", [b"", b"\x00" * 512, b"\xff\xfe", b'{"n":'])
def test_recovery_moves_the_tail_and_nothing_else(size: int, tail: bytes, tmp_path: Path) -> None:
    whole = short()
    path = tmp_path / "journal.jsonl.part"
    path.write_bytes(whole[:size] + tail)
    end = whole.rfind(b"\n", 0, size) + 1
    done = recover(tmp_path)
    assert path.read_bytes() == whole[:end]
    assert verify(path).verdict is Verdict.INCOMPLETE
    torn = (whole[:size] + tail)[end:]
    assert done.tail_bytes == len(torn)
    if torn:
        assert done.quarantined is not None
        assert done.quarantined.read_bytes() == torn
        assert "torn tail" in str(done)
    assert recover(tmp_path).quarantined is None
    assert json.dumps(done.to_dict())
    assert not (tmp_path / "journal.lock").exists()


def test_what_is_damaged_otherwise_is_left_alone(tmp_path: Path) -> None:
    """Its bytes are evidence."""
    whole = short()
    path = tmp_path / "journal.jsonl"
    for damaged in (whole.replace(b'"rows":[2', b'"rows":[1', 1), whole[:500], whole + b"\n" + whole, b""):
        path.write_bytes(damaged)
        with pytest.raises(JournalError, match="nothing was changed"):
            recover(path)
        assert path.read_bytes() == damaged
    complete = story().content()
    path.write_bytes(complete)
    assert "nothing to recover" in str(recover(path))
    assert recover(path).exit_code == 0


def test_a_recovery_that_fails_deletes_nothing(tmp_path: Path) -> None:
    class Stuck(Files):
        def fsync(self, descriptor: int) -> None:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    path = tmp_path / "journal.jsonl.part"
    path.write_bytes(short()[:2000])
    with pytest.raises(JournalError, match="nothing was deleted"):
        recover(path, files=Stuck())
    assert path.read_bytes() == short()[:2000]
    with pytest.raises(JournalError, match="only a file"):
        recover(short())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        (b"PK\x03\x04", "zip archive"),
        (b"\x80\x04\x95\x10", "pickle, which is never loaded"),
        (b"\xff\xfe{\x00", "UTF-16"),
        (b"\x00" * 4096, "zeros"),
        (b"at,price\n1,2\n", "not a journal, which begins with a header"),
        (b'{\n  "n": 0\n}\n', "JSON tool"),
        (b'{"n":0,"k":"header","format":"ropewalk-journal","version":2,"x":"00000000"}\n', "version 2 of the format"),
        (
            b'{"n":0,"k":"header","format":"ropewalk-journal","version":1,"versions":{"fill":9},"x":"00000000"}\n',
            "fill lines have version 9",
        ),
    ],
)
def test_what_is_no_journal_is_told_apart(content: bytes, said: str) -> None:
    found = verify(content)
    assert found.verdict is Verdict.FOREIGN
    assert found.exit_code == 2
    assert said in str(found)
    with pytest.raises(JournalError, match=said):
        Journal(content)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda whole: whole.replace(b"\n", b"\r\n"), "converted the line ends"),
        (lambda whole: b"\xef\xbb\xbf" + whole, "byte order mark"),
        (lambda whole: b"\n".join(json.dumps(json.loads(line)).encode() for line in whole.splitlines()), "JSON tool"),
        (lambda whole: json.dumps([json.loads(line) for line in whole.splitlines()], indent=1).encode(), "JSON tool"),
        (lambda whole: whole + whole, "second journal begins"),
        (lambda whole: whole[: whole.index(b'\n{"n":9')] + b"\n" + whole, "second journal begins"),
    ],
)
def test_what_was_done_to_a_journal_is_said(change: Any, said: str) -> None:
    found = verify(change(story().content()))
    assert not found.is_clean
    assert said in str(found)
    assert found.found


def test_reading_stops_at_the_first_line_that_cannot_be_believed() -> None:
    whole = story().content()
    damaged = whole.replace(b'"rows":[2', b'"rows":[1', 1)
    byte = whole.index(b'{"n":7,')
    with pytest.raises(JournalError, match=rf"line 12, byte {byte}: .*changed after"):
        list(read(damaged))
    with pytest.raises(JournalError, match="begins with data"):
        Journal(whole[whole.index(b"\n") + 1 :])


def test_a_journal_is_found_in_its_folder(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match=r"neither journal\.jsonl nor"):
        verify(tmp_path)
    with pytest.raises(JournalError, match="No such file"):
        verify(tmp_path / "nothing")
    path = story().write(tmp_path)
    assert verify(tmp_path) == verify(str(path)) == verify(path)
    assert Journal(tmp_path).environment["python"]
