"""Differences: planted ones are found where they are, with their field, their causes and what may be behind them."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest

from examples import examples
from journal_runs import Recorded, flips, story
from ropewalk.errors import DamagedError, JournalError
from ropewalk.events import Conflict, Decision, Fill, Intent, RunEnded, RunStarted, Transfer
from ropewalk.journal import diff
from ropewalk.journal.passages import Passages
from ropewalk.notation import on_the_wire, timestamp

EACH = examples(75)
FIELDS: dict[type, tuple[str, ...]] = {
    Intent: ("amount", "note", "strategy"),
    Decision: ("limit_micros", "used_micros", "asked_micros"),
    Fill: ("price_micros", "slippage_micros", "commission_micros"),
    Transfer: ("micros",),
    Conflict: ("policy", "sides"),
    RunEnded: ("reason", "instants"),
}


def other(value: Any) -> Any:
    return value + 1 if isinstance(value, int) else (*value, 1) if isinstance(value, tuple) else f"{value}x"


def planted(run: Recorded, place: int, field: str, **changes: Any) -> Recorded:
    """The same run with one field of one event changed, and its inputs as well."""
    number, cause, event = run.entries[place]
    entries = list(run.entries)
    entries[place] = (number, cause, msgspec.structs.replace(event, **{field: other(getattr(event, field))}))
    return Recorded(entries, msgspec.structs.replace(run.inputs, **changes), run.times)


@pytest.mark.no_cover
@pytest.mark.parametrize("changes", [{}, {"seed": 7}], ids=["same inputs", "other inputs"])
@pytest.mark.parametrize("which", ["short", "long"])
def test_a_planted_difference_is_named(which: str, changes: dict[str, Any]) -> None:
    """By number and field, in every kind of event, whether or not the inputs, and so all checksums, differ too."""
    run = story() if which == "short" else flips(2_500)
    whole = run.content()
    random = Random(f"differences {which}")
    places = [place for place, entry in enumerate(run.entries) if type(entry[2]) in FIELDS]
    for place in random.sample(places, min(EACH, len(places))):
        number, _, event = run.entries[place]
        field = random.choice(FIELDS[type(event)])
        changed = planted(run, place, field, **changes).content()
        found = diff(whole, changed)
        assert found is not None
        assert (found.kind_of_difference, found.number) == ("different", number), str(found)
        assert [one.name for one in found.fields] == [on_the_wire(field)]
        assert (found.fields[0].a, found.fields[0].b) != (None, None)
        assert found.exit_code == 1
        assert [one.name for one in found.inputs] == list(changes)
        assert found.at_us == event.at_us
        if which == "long" and found.equal_up_to is not None:
            assert found.equal_up_to < number


def test_equal_journals_have_no_difference(tmp_path: Path) -> None:
    """Wherever and whenever they were written."""
    a, b = story().write(tmp_path / "a"), story().write(tmp_path / "b")
    assert diff(a, b) is None
    assert diff(tmp_path / "a", story().content()) is None


def test_inputs_that_change_nothing_are_told_apart() -> None:
    """The same happened; what differs is named down to the parameter."""
    run = story()
    plugins = list(run.inputs.plugins)
    plugins[1] = msgspec.structs.replace(plugins[1], parameters={"window": 9})
    inputs = msgspec.structs.replace(
        run.inputs, plugins=tuple(plugins), configuration={"fill_at": "close", "extra": {"deep": 1}}
    )
    found = diff(run.content(), Recorded(run.entries, inputs, run.times).content())
    assert found is not None
    assert found.kind_of_difference == "inputs"
    assert [str(one) for one in found.inputs] == [
        "configuration.fill_at: next_open | close",
        'configuration.extra: null | {"deep":1}',
        "plugins.strategy.revert.parameters.window: 6 | 9",
    ]
    assert "the same happened" in str(found)
    assert json.dumps(found.to_dict())


def test_a_different_start_is_an_input() -> None:
    run = story()
    number, cause, started = run.entries[0]
    richer = msgspec.structs.replace(started, capital_micros=started.capital_micros + 1)
    inputs = msgspec.structs.replace(run.inputs, capital_micros=richer.capital_micros)
    found = diff(run.content(), Recorded([(number, cause, richer), *run.entries[1:]], inputs, run.times).content())
    assert isinstance(started, RunStarted)
    assert found is not None
    assert [one.name for one in found.inputs] == ["capital_micros", "started.capital"]


def shifted(entries: list[Any], place: int, by: int) -> list[Any]:
    """Numbers and causes from a place on, moved by one."""
    start = entries[place][0]
    return [
        (number + by, cause + by if cause >= start else cause, event) if position >= place else (number, cause, event)
        for position, (number, cause, event) in enumerate(entries)
    ]


def test_a_record_too_many_and_one_too_few_are_told_apart() -> None:
    run = story()
    place = next(place for place, entry in enumerate(run.entries) if type(entry[2]) is Decision and place > 30)
    number, cause, decision = run.entries[place]
    more = shifted(list(run.entries), place, 1)
    strange = Intent(decision.at_us, "hold", "IBM", "buy", "quantity", 3)
    more.insert(place, (number, cause, strange))
    longer = Recorded(more, run.inputs, run.times).content()
    extra, missing = diff(run.content(), longer), diff(longer, run.content())
    assert extra is not None
    assert missing is not None
    assert (extra.kind_of_difference, extra.number, extra.kind) == ("extra", number, "intent")
    assert (missing.kind_of_difference, missing.number, missing.kind) == ("missing", number, "intent")
    assert "is extra in b" in str(extra)
    assert extra.fields == missing.fields == ()
    for found, owner, other_side in ((extra, "b", "a"), (missing, "a", "b")):
        told = str(found).splitlines()
        (here,) = [one for one in told if one.startswith(f"  {owner}: line")]
        (there,) = [one for one in told if one.startswith(f"  {other_side}: line")]
        assert "strategy=hold symbol=IBM" in here
        assert there.endswith(f"goes on with decision {number} at {timestamp(decision.at_us).isoformat()}")


def test_a_journal_that_ends_earlier_is_missing_the_rest() -> None:
    run = story()
    part = Recorded(run.entries[:60], run.inputs, run.times).content()
    missing, extra = diff(run.content(), part), diff(part, run.content())
    assert missing is not None
    assert extra is not None
    assert (missing.kind_of_difference, extra.kind_of_difference) == ("missing", "extra")
    assert missing.b is None
    assert extra.a is None
    assert "  b: ends there, unfinished" in str(missing)
    assert "  a: ends there, unfinished" in str(extra)
    assert missing.number == extra.number > run.entries[59][0]


def test_the_chain_of_causes_is_told_on_both_sides() -> None:
    """From a fill back to the bars: decision, intent, step."""
    run = story()
    place = next(place for place, entry in enumerate(run.entries) if type(entry[2]) is Fill and place > 30)
    found = diff(run.content(), planted(run, place, "slippage_micros").content())
    assert found is not None
    for side in (found.a, found.b):
        assert side is not None
        assert [cause["k"] for cause in side.causes] == ["decision", "intent", "step"]
        assert side.line == run.content()[: side.offset].count(b"\n") + 1
    assert "because of intent" in str(found)


def test_what_the_environment_says_stands_beside_it(tmp_path: Path) -> None:
    run = story()
    run.write(tmp_path / "a")
    place = next(place for place, entry in enumerate(run.entries) if type(entry[2]) is Intent)
    planted(run, place, "note").write(tmp_path / "b")
    facts = json.loads((tmp_path / "b" / "env.json").read_text())
    (tmp_path / "b" / "env.json").write_text(json.dumps({**facts, "machine": "abacus"}))
    found = diff(tmp_path / "a", tmp_path / "b")
    assert found is not None
    assert "machine" in [one.name for one in found.environment]
    assert "abacus" in str(found)
    assert "environment that differs:" in str(found)


def test_a_short_run_is_equal_up_to_its_difference_without_checkpoints() -> None:
    """Causes that lead back to the header name its run, not all that it says."""
    run = story()
    place = next(place for place, entry in enumerate(run.entries) if type(entry[2]) is Transfer)
    told = str(diff(run.content(), planted(run, place, "micros").content()))
    assert "equal before that; no checkpoint stands there" in told
    assert told.count(f"because of header 0 of run {run.inputs.run_id}\n") == 2
    assert "digest" not in told


@pytest.mark.parametrize("place", ["{", '"n"', '"k"', ":", "\xff"])
@pytest.mark.parametrize("changes", [{}, {"seed": 7}], ids=["same inputs", "other inputs"])
def test_damage_is_sent_to_verify(changes: dict[str, Any], place: str) -> None:
    """Whatever stands in a line that is none, it is named and never taken for a defect of ours."""
    whole = story().content()
    other_one = Recorded(story().entries, msgspec.structs.replace(story().inputs, **changes), story().times).content()
    at = whole.index(b'{"n":30,')
    line = whole.count(b"\n", 0, at) + 1
    sign = place.encode("latin-1")
    middle = at + 14 if sign == b"\xff" else whole.index(sign, at)
    spoiled = whole[:middle] + b"\xff" + whole[middle + 1 :]
    for one, other_side in ((spoiled, other_one), (other_one, spoiled)):
        with pytest.raises(DamagedError, match=rf"line {line}, byte {at}: .*; `ropewalk verify` tells more"):
            diff(one, other_side)


def test_no_bit_of_a_journal_may_flip_and_be_called_equal() -> None:
    """Also before the last equal checkpoint, whose digest was written before, and in checksums, which say nothing."""
    whole = flips(2_500).content()
    random = Random("bits of two equal journals")
    told = {"difference": 0, "damage": 0}
    for _ in range(examples(150)):
        place = random.randrange(len(whole) - 1)
        spoiled = bytearray(whole)
        spoiled[place] ^= 1 << random.randrange(8)
        try:
            found = diff(whole, bytes(spoiled))
        except JournalError:
            told["damage"] += 1
            continue
        assert found is not None
        assert str(found)
        assert json.dumps(found.to_dict())
        told["difference"] += 1
    assert min(told.values()) > 2, told


def test_a_record_that_was_changed_afterwards_is_told_from_one_that_was_written_so() -> None:
    run = flips(2_500)
    whole = run.content()
    place = next(place for place, entry in enumerate(run.entries) if type(entry[2]) is Fill and place > 40)
    number = run.entries[place][0]
    at = whole.index(b'{"n":%d,"k":"fill"' % number)
    edited = whole[:at] + whole[at:].replace(b'"price":', b'"price":1', 1)
    found = diff(whole, edited)
    assert found is not None
    assert found.a is not None
    assert found.b is not None
    assert (found.number, found.a.was_changed, found.b.was_changed) == (number, False, True)
    assert f"  b: line {found.b.line}, byte {at}, which was changed after it was written" in str(found).splitlines()
    written = diff(whole, planted(run, place, "price_micros").content())
    assert written is not None
    assert written.b is not None
    assert (written.number, written.b.was_changed) == (number, False)


def test_that_the_same_happened_is_read_and_not_taken_from_a_digest() -> None:
    """Of other inputs, too: an event that was changed after a checkpoint vouched for it is found."""
    run = flips(2_500)
    place = next(place for place, entry in enumerate(run.entries) if type(entry[2]) is Fill and place > 40)
    others = Recorded(run.entries, msgspec.structs.replace(run.inputs, seed=7), run.times).content()
    at = others.index(b'{"n":%d,"k":"fill"' % run.entries[place][0])
    edited = others[:at] + others[at:].replace(b'"price":', b'"price":1', 1)
    found = diff(run.content(), edited)
    assert found is not None
    assert (found.kind_of_difference, found.number) == ("different", run.entries[place][0])
    assert [one.name for one in found.inputs] == ["seed"]


@pytest.mark.parametrize("at", ["9" * 15, "9" * 18, "9" * 40, "-1", "1.5", "null", '"soon"', "[]"])
@pytest.mark.parametrize("kind", ["step", "decision"])
def test_a_time_that_is_none_is_told_all_the_same(kind: str, at: str) -> None:
    whole = story().content()
    begun = whole.index(b'"k":"%b"' % kind.encode(), len(whole) // 2)
    time = whole.index(b'"t":', begun) + 4
    spoiled = whole[:time] + at.encode() + whole[whole.index(b",", time) :]
    for one, other_side in ((whole, spoiled), (spoiled, whole)):
        found = diff(one, other_side)
        assert found is not None
        assert "which was changed after it was written" in str(found)
        assert json.dumps(found.to_dict())


def test_a_torn_tail_is_no_end() -> None:
    """Two parts that say the same, one with a beginning of more: what is torn is to be recovered."""
    whole = story().content()
    half = whole.index(b"\n", len(whole) // 2) + 1
    assert diff(whole[:half], whole[:half]) is None
    with pytest.raises(JournalError, match=r"has no line end|not a journal's line|JSON") as raised:
        diff(whole[:half], whole[: half + 20])
    assert not isinstance(raised.value, DamagedError)


def test_the_last_equal_checkpoint_is_found_by_halving() -> None:
    """The checkpoint before the difference, not the first, not one behind it."""
    run = flips(6_500)
    with Passages(run.content()) as passages:
        seals = passages.checkpoints
    assert len(seals) >= 4
    for seal, after in pairwise(seals):
        place = next(place for place, entry in enumerate(run.entries) if entry[0] > seal.number + 5)
        while type(run.entries[place][2]) is not Fill:
            place += 1
        found = diff(run.content(), planted(run, place, "slippage_micros", seed=3).content())
        assert found is not None
        assert found.equal_up_to == seal.number
        assert found.number < after.number


@pytest.mark.no_cover
def test_a_difference_near_the_end_of_long_journals_is_found(tmp_path: Path) -> None:
    """Of other inputs, some checkpoints long; how long that takes is for benchmarks to say."""
    run = flips(6_500)
    place = len(run.entries) - 3_000
    while type(run.entries[place][2]) is not Intent:
        place += 1
    a = run.write(tmp_path / "a", mode="process")
    b = planted(run, place, "amount", seed=4).write(tmp_path / "b")
    found = diff(a, b)
    assert found is not None
    assert found.number == run.entries[place][0]
