"""Older journals: read, verified and told as they are; run again only by what would write them so."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest

from recorded_runs import TALES
from ropewalk.errors import JournalError
from ropewalk.events import Fill
from ropewalk.journal import diff, read, replay, runs, verify
from ropewalk.recording.codec import SUM_LENGTH, summed
from ropewalk.recording.inputs import SEMANTICS
from ropewalk.recording.older import UPCASTERS

TALE = TALES["everything"]


def aged(content: bytes) -> bytes:
    """Write a journal as a version 0 that there never was would have: fills with a fee, and the lot last."""
    lines: list[bytes] = []
    events, whole, before = sha256(), sha256(), 0
    for raw in content.splitlines():
        line = raw[:-SUM_LENGTH]
        if b'"k":"header"' in line:
            line = line.replace(b'"fill":1', b'"fill":0')
        elif b'"k":"fill"' in line:
            line = line.replace(b'"commission":', b'"fee":')
        elif b'"k":"footer"' in line:
            line = re.sub(rb'"sha256":"[0-9a-f]+"', b'"sha256":"%b"' % whole.hexdigest().encode(), line)
            line = re.sub(rb'"events":"[0-9a-f]+"', b'"events":"%b"' % events.hexdigest().encode(), line)
        if not re.search(rb'"k":"(header|data|plugin|ckpt|footer)"', line):
            events.update(line + b"\n")
        made = summed(line, before)
        before = crc32(line, before)
        whole.update(made)
        lines.append(made)
    return b"".join(lines)


def with_commission(fields: dict[str, Any]) -> dict[str, Any]:
    return {"commission" if name == "fee" else name: value for name, value in fields.items()}


@pytest.fixture
def old(monkeypatch: pytest.MonkeyPatch) -> bytes:
    monkeypatch.setitem(UPCASTERS, ("fill", 0), with_commission)
    content = aged(TALE.run().journal.content)
    assert content.count(b'"fee":') > 2
    return content


def test_an_older_journal_is_read_verified_and_its_state_replayed(old: bytes) -> None:
    """In today's words, by the digests that it was written with."""
    today = TALE.run()
    found = verify(old)
    assert found.is_clean, str(found)
    assert tuple(one.event for one in read(old) if isinstance(one.event, Fill)) == today.fills
    state = replay(old, data=TALE.data())
    assert state.is_identical, str(state)
    assert state.result.to_dict() == today.to_dict()


def test_an_older_run_is_listed_with_its_result(old: bytes, tmp_path: Path) -> None:
    for name, content in (("old", old), ("new", TALE.run().journal.content)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "journal.jsonl").write_bytes(content)
    new, aged_run = runs(tmp_path)
    assert (aged_run.status, aged_run.realised_micros, aged_run.fills) == ("complete", new.realised_micros, new.fills)


def test_an_older_journal_is_not_run_again(old: bytes) -> None:
    """It would be written otherwise, and every line would be a difference."""
    for level in ("decisions", "full"):
        with pytest.raises(JournalError, match="fill lines of version 0, now 1: run again, it would be"):
            replay(old, level=level, **TALE.again())  # type: ignore[arg-type]


def test_an_older_journal_is_compared(old: bytes) -> None:
    difference = diff(old, TALE.run().journal.content)
    assert difference is not None
    assert "fee" in str(difference)


def test_damage_in_an_older_line_is_found_there(old: bytes) -> None:
    line = old[: old.index(b'"fee":')].count(b"\n") + 1
    for changed in (old.replace(b'"fee":', b'"fee": ', 1), old.replace(b'"fee":', b'"fee":1,"fee":', 1)):
        found = verify(changed)
        assert not found.is_clean
        assert found.findings[0].line == line


def test_what_nobody_can_tell_in_todays_words_is_said(old: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(UPCASTERS, ("fill", 0))
    with pytest.raises(JournalError, match="fill lines of version 0 are not understood any more"):
        list(read(old))


def test_every_upcaster_leads_to_today() -> None:
    """And none is left over from a kind that there is not, or beyond today's version."""
    from ropewalk.recording.kinds import VERSIONS

    assert [key for key in UPCASTERS if not 0 < key[1] < VERSIONS.get(key[0], 0)] == []


def test_other_semantics_are_not_run_again() -> None:
    """What changed between the two is said."""
    content = TALE.run().journal.content
    first, _, rest = content.partition(b"\n")
    line = first[:-SUM_LENGTH].replace(b'"semantics":%d' % SEMANTICS, b'"semantics":0')
    other = summed(line, 0)
    assert json.loads(other)["semantics"] == 0
    with pytest.raises(JournalError, match=rf"has semantics 0, this ropewalk {SEMANTICS}.*1: the first"):
        replay(other, level="full", **TALE.again())
    assert rest
