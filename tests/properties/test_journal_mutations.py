"""Whatever is done to a journal is noticed and placed on its line: seeded mutations of many kinds, of each line."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from functools import cache
from random import Random
from typing import Any

import pytest

from examples import examples
from journal_runs import Recorded, flips, resummed, story
from recorded_runs import TALES
from ropewalk.journal import Verdict, verify

EACH = max(examples(400), 335)
"""Mutations of each kind: more than there are lines, so that each kind meets each line; together ten thousand."""
Lines = list[bytes]
Mutation = Callable[[Lines, int, Random], Lines | None]
"""Changes lines (without LF) at a place; None where it changes nothing. A line that is no line holds LF itself."""


@cache
def original() -> tuple[bytes, ...]:
    """A small journal with every kind of line but few, as lines: lapses, faults, conflicts, a split and a dividend."""
    return tuple(TALES["everything"].run().journal.content.split(b"\n")[:-1])


@cache
def foreign() -> tuple[bytes, ...]:
    """Another run's lines."""
    return tuple(flips(60).content().split(b"\n")[:-1])


def in_line(change: Callable[[bytes, Random], bytes]) -> Mutation:
    def mutate(lines: Lines, place: int, random: Random) -> Lines | None:
        changed = change(lines[place], random)
        return None if changed == lines[place] else [*lines[:place], changed, *lines[place + 1 :]]

    return mutate


def flipped(line: bytes, random: Random) -> bytes:
    at = random.randrange(len(line))
    byte = line[at] ^ (1 << random.randrange(8))
    return line[:at] + bytes([byte]) + line[at + 1 :]


def inserted(line: bytes, random: Random) -> bytes:
    at = random.randrange(len(line) + 1)
    return line[:at] + bytes([random.choice([i for i in range(256) if i != 10])]) + line[at:]


def removed(line: bytes, random: Random) -> bytes:
    at = random.randrange(len(line))
    return line[:at] + line[at + 1 :]


def zeroed(line: bytes, random: Random) -> bytes:
    at = random.randrange(len(line) - 8)
    return line[:at] + bytes(min(64, len(line) - at)) + line[at + 64 :]


def edited(line: bytes, random: Random) -> bytes:
    """Another digit in a value of the record, the prefix and the checksum left alone."""
    begin = line.index(b'"t":') if b'"t":' in line else line.index(b'":', 6)
    places = [at for at in range(begin, len(line) - 16) if 49 <= line[at] <= 57]
    if not places:
        return line
    at = random.choice(places)
    digit = random.choice([one for one in b"123456789" if one != line[at]])
    return line[:at] + bytes([digit]) + line[at + 1 :]


def with_value(value: bytes) -> Callable[[bytes, Random], bytes]:
    """A value in place of the time, or of the first number there is."""

    def change(line: bytes, random: Random) -> bytes:
        begin = line.index(b'"t":') + 4 if b'"t":' in line else line.index(b'"n":') + 4
        end = begin
        while line[end : end + 1].isdigit():
            end += 1
        return line[:begin] + value + line[end:]

    return change


def with_field(field: bytes) -> Callable[[bytes, Random], bytes]:
    return lambda line, random: line[:-16] + b"," + field + line[-16:]


def lost(lines: Lines, place: int, random: Random) -> Lines | None:
    # A lost last line is a journal that was not finished, which nobody can tell from one that was cut.
    return [*lines[:place], *lines[place + 1 :]] if place < len(lines) - 1 else None


def doubled(lines: Lines, place: int, random: Random) -> Lines:
    return [*lines[: place + 1], *lines[place:]]


def swapped(lines: Lines, place: int, random: Random) -> Lines | None:
    if place + 1 >= len(lines):
        return None
    return [*lines[:place], lines[place + 1], lines[place], *lines[place + 2 :]]


def moved(lines: Lines, place: int, random: Random) -> Lines | None:
    """A line to somewhere behind."""
    if place + 2 >= len(lines):
        return None
    to = random.randrange(place + 2, len(lines))
    return [*lines[:place], *lines[place + 1 : to], lines[place], *lines[to:]]


def strange(lines: Lines, place: int, random: Random) -> Lines:
    """A line of another run, in place of one of ours."""
    return [*lines[:place], random.choice(foreign()[1:]), *lines[place + 1 :]]


def strange_between(lines: Lines, place: int, random: Random) -> Lines:
    return [*lines[:place], random.choice(foreign()), *lines[place:]]


def blank(lines: Lines, place: int, random: Random) -> Lines:
    return [*lines[:place], b"", *lines[place:]]


def joined(lines: Lines, place: int, random: Random) -> Lines | None:
    if place + 1 >= len(lines):
        return None
    return [*lines[:place], lines[place] + lines[place + 1], *lines[place + 2 :]]


def split(lines: Lines, place: int, random: Random) -> Lines:
    at = random.randrange(1, len(lines[place]))
    return [*lines[:place], lines[place][:at], lines[place][at:], *lines[place + 1 :]]


def told_again(line: bytes, random: Random) -> bytes:
    """The same, as a JSON tool writes it, in one of its ways."""
    said = json.loads(line)
    ways = [
        lambda: json.dumps(said),
        lambda: json.dumps(said, separators=(",", ": ")),
        lambda: json.dumps(dict(reversed(said.items())), separators=(",", ":")),
        lambda: json.dumps(said, separators=(",", ":")) + " ",
    ]
    return random.choice(ways)().encode()


def forged_line(lines: Lines, place: int, random: Random) -> Lines | None:
    """An edit with the line's own checksum made right: the next line does not follow from it."""
    if place >= len(lines) - 1:
        return None
    changed = in_line(edited)(lines, place, random)
    return None if changed is None else resummed(changed, place, place + 1)


def forged_rest(lines: Lines, place: int, random: Random) -> Lines | None:
    """An edit with all checksums after it made right: only digests can tell, and nothing is after the footer."""
    if place >= len(lines) - 1:
        return None
    changed = in_line(edited)(lines, place, random)
    return None if changed is None else resummed(changed, place, len(lines))


def forged_lost(lines: Lines, place: int, random: Random) -> Lines | None:
    left = lost(lines, place, random)
    return None if left is None or place == 0 else resummed(left, place, len(left))


def renumbered(line: bytes, random: Random) -> bytes:
    end = line.index(b",")
    return b'{"n":%d' % (int(line[5:end]) + random.choice([-1, 1, 7]) if int(line[5:end]) else 3) + line[end:]


def forged_number(lines: Lines, place: int, random: Random) -> Lines | None:
    changed = in_line(renumbered)(lines, place, random)
    return None if changed is None else resummed(changed, place, len(lines))


MUTATIONS: dict[str, Mutation] = {
    "bit flipped": in_line(flipped),
    "byte inserted": in_line(inserted),
    "byte removed": in_line(removed),
    "page zeroed": in_line(zeroed),
    "digit edited": in_line(edited),
    "number changed": in_line(renumbered),
    "line lost": lost,
    "line doubled": doubled,
    "lines swapped": swapped,
    "line moved": moved,
    "foreign line instead": strange,
    "foreign line between": strange_between,
    "blank line": blank,
    "lines joined": joined,
    "line split": split,
    "CR before LF": in_line(lambda line, random: line + b"\r"),
    "BOM": in_line(lambda line, random: b"\xef\xbb\xbf" + line),
    "told again": in_line(told_again),
    "NaN": in_line(with_value(b"NaN")),
    "1e400": in_line(with_value(b"1e400")),
    "minus zero": in_line(with_value(b"-0")),
    "huge number": in_line(with_value(b"9007199254740993")),
    "key doubled": in_line(with_field(b'"t":1')),
    "unknown field": in_line(with_field(b'"colour":1')),
    "nested deep": in_line(with_field(b'"a":' + b"[" * 400 + b"]" * 400)),
    "unknown kind": in_line(lambda line, random: line.replace(b'"k":"', b'"k":"un', 1)),
    "line forged": forged_line,
    "rest forged": forged_rest,
    "loss forged": forged_lost,
    "number forged": forged_number,
}
FORGED = ("rest forged", "loss forged", "number forged")


@pytest.mark.parametrize("name", MUTATIONS)
def test_every_mutation_is_detected_on_its_line(name: str) -> None:
    """
    Detected: never clean, and a sound verdict only for a torn tail. Placed: the first finding is on the line that was
    changed or, where only the link to the next shows it, on the next; a forger's work shows at the next digest.
    """
    lines = list(original())
    random = Random(f"mutations {name}")
    letters: Counter[str] = Counter()
    tried = 0
    for number in range(EACH):
        place = number if number < len(lines) else random.randrange(len(lines))
        changed = MUTATIONS[name](lines, place, random)
        if changed is None or changed == lines:
            continue
        tried += 1
        found = verify(b"\n".join(changed) + b"\n")
        letters[found.verdict.letter] += 1
        where = f"{name} at line {place + 1}: {found}"
        assert found.found, where
        assert found.exit_code, where
        first = found.findings[0]
        if name in FORGED:
            assert place + 1 <= first.line <= len(changed), where
        else:
            assert place + 1 <= first.line <= place + 2, where
            assert first.offset == sum(len(line) + 1 for line in changed[: first.line - 1]), where
        if found.verdict is Verdict.TORN:
            assert place >= len(lines) - 2, where
    assert tried > EACH * 0.7
    print(name, tried, dict(letters))


def test_there_are_enough_of_them() -> None:
    """Each kind is tried on each line, and there are ten thousand of them, of twenty kinds or more."""
    assert len(MUTATIONS) >= 20
    assert len(MUTATIONS) * EACH >= 10_000
    assert len(original()) < EACH


def test_a_forged_edit_shows_at_the_next_checkpoint() -> None:
    """All checksums made right, far from the end: the next checkpoint names the window."""
    lines = flips(3_000).content().split(b"\n")[:-1]
    seals = [place for place, line in enumerate(lines) if b'"k":"ckpt"' in line]
    for place in (50, seals[0] + 5, seals[1] - 9, seals[1] + 1):
        random = Random(place)
        changed: Any = None
        while changed is None or b'"k":"fill"' not in changed[place]:
            place += changed is not None
            # A slippage stands in no rule: only the digests know it.
            changed = list(lines)
            changed[place] = changed[place].replace(b'"slippage":0', b'"slippage":%d' % random.randrange(1, 9))
        found = verify(b"\n".join(resummed(changed, place, len(changed))) + b"\n")
        after = next(seal for seal in (*seals, len(lines) - 1) if seal > place)
        assert found.verdict is Verdict.EDITED
        assert found.findings[0].line == after + 1
        assert "something was edited in lines" in found.findings[0].text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ((b'"released":2000000000', b'"released":1999999999'), "gives back"),
        ((b'"quantity":19,', b'"quantity":20,'), "more than the 2000000000 micros granted"),
        ((b'"c":6,', b'"c":5,'), "no decision that granted"),
        ((b'"c":5,', b'"c":4,'), "no intent that waits"),
        ((b'"c":5,', b'"c":77,'), "not before it"),
        ((b'"realised":-70387786', b'"realised":-70387785'), "close -89 and earn -70387786"),
        ((b'"rows":[2,4]', b'"rows":[1,4]'), "rows 1 to 4"),
        ((b'"t":1217808000000000,"rows"', b'"t":1217548700000000,"rows"'), "times never go back"),
        ((b'"asked":2000000000,"granted":2000000000', b'"asked":2000000000,"granted":2000000001'), "grants 2000000001"),
        ((b'"fills":29', b'"fills":28'), "counts 28 fills"),
        ((b'"instants":106', b'"instants":6'), "counts 6 as its instants"),
        ((b'"seed":0', b'"seed":1'), "the inputs make run"),
        ((b'"config":{"fill_at":"next_open"}', b'"config":{"fill_at":"close"}'), "not that of its configuration"),
        ((b'"data_digest":"6', b'"data_digest":"7'), "the data have digest"),
    ],
)  # fmt: skip
def test_a_forgery_that_breaks_a_rule_is_said_in_words(change: tuple[bytes, bytes], said: str) -> None:
    """The rules between lines, each broken once with all checksums made right."""
    whole = b"\n".join(story().content().split(b"\n")[:-1])
    assert change[0] in whole
    lines = whole.replace(*change, 1).split(b"\n")
    found = verify(b"\n".join(resummed(lines, 0, len(lines))) + b"\n")
    assert said in str(found)
    assert any(finding.rule == "cross" for finding in found.findings)
    assert found.exit_code == 1


def test_findings_are_collected_up_to_a_number() -> None:
    lines = list(original())
    damaged = b"\n".join(edited(line, Random(place)) for place, line in enumerate(lines)) + b"\n"
    found = verify(damaged, findings_max=5)
    assert len(found.findings) == 5
    assert found.found > 20
    assert "… and" in str(found)
    assert json.dumps(found.to_dict())


def test_recorded_runs_are_clean() -> None:
    """A check that finds something in everything is no check."""
    for run in (story(), flips(3_000), flips(400, 5)):
        found = verify(run.content())
        assert isinstance(run, Recorded)
        assert found.is_clean, str(found)
        assert found.exit_code == 0
