"""Lines: one form, whatever is in them, and nothing else is read."""

from __future__ import annotations

import json
from typing import Any
from zlib import crc32

import msgspec
import pytest

from journal_runs import Recorded, flips, inputs_of, story
from ropewalk import events
from ropewalk.errors import JournalError
from ropewalk.journal import DataSet, Inputs, Journal, JournalWriter, Plugin, read, verify
from ropewalk.recording.codec import DEPTH_MAX, LINE_MAX, LineError, line_of, parsed, summed
from ropewalk.recording.kinds import KIND_OF, KINDS, heading_of
from ropewalk.recording.lines import BETWEEN_CHECKPOINTS
from ropewalk.recording.steps import rows_at

INTENT = events.Intent(1_000_000, "trend", "GLD", "buy", "quantity", 12)
RAW = (
    b'{"n":7,"k":"intent","c":6,"t":1000000,"strategy":"trend","symbol":"GLD",'
    b'"action":"buy","unit":"quantity","amount":12'
)


def closed(line: bytes, before: int = 0) -> bytes:
    return summed(line, before)[:-1]


def told(line: bytes) -> Any:
    return parsed(closed(line))


def refused(line: bytes) -> LineError:
    with pytest.raises(LineError) as caught:
        told(line)
    return caught.value


def test_a_line_is_what_the_guide_says() -> None:
    """ASCII, no spaces, keys in order, short names, defaults left out, and the checksum of what is before it."""
    assert line_of("intent", 7, 6, INTENT) == RAW
    assert summed(RAW, 99) == RAW + b',"x":"%08x"}\n' % crc32(RAW, 99)
    assert told(RAW) == (7, "intent", 6, INTENT, None)


@pytest.mark.parametrize("text", ["é", "日本", "😀", "a\nb", '"\\', "\x7f", "\u2028", "tab\t", "\x00"])
def test_any_text_is_ascii_and_comes_back(text: str) -> None:
    line = line_of("intent", 7, 6, msgspec.structs.replace(INTENT, note=text))
    assert line.isascii()
    assert b"\n" not in line
    assert told(line)[3].note == text
    assert json.loads(closed(line))["note"] == text


def test_what_no_encoding_holds_is_written_as_an_escape() -> None:
    line = line_of("intent", 7, 6, msgspec.structs.replace(INTENT, note="\ud800"))
    assert told(line)[3].note == "\\ud800"


def test_long_texts_are_clipped() -> None:
    line = line_of("fault", 7, 6, events.Fault(0, "s", "on_bar", "", "é" * 5000, "stop"))
    assert told(line)[3].error == "é" * 4096


@pytest.mark.parametrize(
    ("number", "is_kept"), [(2**53, True), (-(2**53), True), (2**53 + 1, False), (-(2**70), False)]
)
def test_numbers_that_others_would_round_are_refused(number: int, is_kept: bool) -> None:
    intent = msgspec.structs.replace(INTENT, amount=number)
    if is_kept:
        assert told(line_of("intent", 7, 6, intent))[3] == intent
        return
    with pytest.raises(JournalError, match=f"amount is {number}"):
        line_of("intent", 7, 6, intent)


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        (b'"amount":12', b'"amount":12,"amount":13', "canonical"),
        (b'"amount":12', b'"amount":12,"colour":1', "canonical"),
        (b'"amount":12', b'"amount": 12', "canonical"),
        (b'"amount":12', b'"amount":-0', "canonical"),
        (b'"amount":12', b'"amount":012', "schema"),
        (b'"amount":12', b'"amount":1e400', "schema"),
        (b'"amount":12', b'"amount":12.5', "schema"),
        (b'"amount":12', b'"amount":NaN', "schema"),
        (b'"amount":12', b'"amount":"12"', "schema"),
        (b'"amount":12', b'"amount":true', "schema"),
        (b'"amount":12', b'"amount":null', "schema"),
        (b'"amount":12', b'"amount":9007199254740993', "number"),
        (b'"amount":12', b'"amount":99999999999999999999999', "number"),
        (b',"amount":12', b"", "schema"),
        (b'"amount":12', b'"amount":12,"note":""', "canonical"),
        (b'"GLD"', b'"G\\u004cD"', "canonical"),
        (b'"GLD"', '"GÄD"'.encode(), "canonical"),
        (b'"buy"', b'"borrow"', "schema"),
        (b'"n":7', b'"n":07', "framing"),
        (b'"n":7', b'"n":-7', "framing"),
        (b'"n":7', b'"n":7.0', "framing"),
        (b'"n":7,"k":"intent"', b'"k":"intent","n":7', "framing"),
        (b'"k":"intent"', b'"k":"wish"', "schema"),
        (b'"c":6,', b"", "schema"),
        (b'"t":1000000,"strategy":"trend"', b'"strategy":"trend","t":1000000', "canonical"),
        (b'"amount":12', b'"amount":12,"a":' + b"[" * 100 + b"]" * 100, "canonical"),
        (b'"amount":12', b'"amount":12,"a":' + b"[" * 200_000 + b"]" * 200_000, "limit"),
        (b'"amount":12', b'"amount":12,"a":"' + b"z" * LINE_MAX + b'"', "limit"),
    ],
)
def test_there_is_one_form(old: bytes, new: bytes, rule: str) -> None:
    """Whatever a line says in another way is refused, by the rule it breaks."""
    assert RAW.replace(old, new) != RAW
    assert refused(RAW.replace(old, new)).rule == rule


def test_an_unknown_kind_is_an_error_unless_it_is_a_plugins_own() -> None:
    assert "intent" in str(refused(RAW.replace(b'"intent"', b'"intend"')))
    assert told(b'{"n":7,"k":"x-mine","colour":"red","size":1') == (
        7,
        "x-mine",
        None,
        {"colour": "red", "size": 1},
        None,
    )
    assert refused(b'{"n":7,"k":"x-mine","size":1,"colour":"red"').rule == "canonical"
    assert refused(b'{"n":7,"k":"x-mine","size":9007199254740993').rule == "number"
    assert refused(b'{"n":7,"k":"x-mine","size":NaN').rule == "schema"
    deep = b"[" * DEPTH_MAX + b"]" * DEPTH_MAX
    assert refused(b'{"n":7,"k":"x-mine","size":' + deep).rule == "limit"


def test_every_recorded_event_has_a_kind() -> None:
    """An event that the bus numbers and no line can hold would stop a run."""
    assert {*KIND_OF} == {*events.Record.__args__}
    assert all(kind in KINDS for kind in KIND_OF.values())


def test_a_run_comes_back_event_by_event() -> None:
    """What is read is what the bus handed out: numbers, causes and events, with a step where a number was left out."""
    run = story()
    numbered = [record for record in read(run.content()) if KINDS[record.kind].is_numbered]
    assert [record.number for record in numbered] == list(range(len(numbered)))
    heard = [(record.number, record.event) for record in numbered if record.kind != "step"]
    assert heard == [(entry[0], entry[2]) for entry in run.entries]
    causes = {record.number: record.cause for record in numbered}
    assert all(causes[number] == cause for number, cause, _ in run.entries[1:])


def test_a_step_names_the_rows_of_its_instant() -> None:
    """Rows are those of all bars of the time, in the order of time; between steps nothing is lost or repeated."""
    run = story()
    for record in read(run.content()):
        if record.kind == "step":
            first, end = record.event.rows
            assert {int(at_us) for at_us in run.times[first:end]} == {record.at_us}
            assert run.times[:first].max(initial=0) < record.at_us
            assert run.times[end:].min(initial=2**62) > record.at_us
    assert rows_at(run.times, [0, 2**62]) == [(0, 0), (len(run.times), len(run.times))]


@pytest.mark.parametrize("size", [1, 2, 7, 511, 100_000])
def test_the_bytes_do_not_depend_on_the_blocks(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    run = flips(2_500)
    whole = run.content()
    assert b'"k":"ckpt"' in whole
    monkeypatch.setattr("ropewalk.recording.writer.BLOCK", size)
    assert run.content() == whole


def test_a_checkpoint_follows_every_4096_events() -> None:
    events_before, found = 0, []
    for record in read(flips(6_000).content()):
        events_before += record.kind in KIND_OF.values()
        if record.kind == "ckpt":
            found.append(events_before)
    assert found == [BETWEEN_CHECKPOINTS * (count + 1) for count in range(len(found))]
    assert len(found) == 4


def strange(run: Recorded, **changes: Any) -> Recorded:
    """The same run with a text in one of its intents."""
    place = next(place for place, entry in enumerate(run.entries) if type(entry[2]) is events.Intent and place > 20)
    number, cause, intent = run.entries[place]
    entries = list(run.entries)
    entries[place] = (number, cause, msgspec.structs.replace(intent, **changes))
    return Recorded(entries, run.inputs, run.times)


@pytest.mark.parametrize("note", ["é" * 10, "x" * 9_000, "99999999999999999999", "\ud800", "9007199254740993"])
def test_a_block_with_something_strange_is_written_with_care(note: str) -> None:
    """The rest of the block is the same, and the whole is sound."""
    plain, odd = story().content(), strange(story(), note=note).content()
    assert verify(odd).is_clean
    assert len([1 for a, b in zip(plain.split(b"\n"), odd.split(b"\n"), strict=True) if a[:-17] != b[:-17]]) == 2


def test_the_run_id_is_a_digest_of_the_inputs() -> None:
    """In whatever order settings were written; and each input counts."""
    given = {"configuration": {"a": 1, "b": {"c": 2, "d": 3}}, "capital_micros": 5}
    turned = {"configuration": {"b": {"d": 3, "c": 2}, "a": 1}, "capital_micros": 5}
    plain = Inputs(**given)
    assert plain.run_id == Inputs(**turned).run_id
    assert plain.run_id.startswith("r-")
    assert len(plain.run_id) == 18
    data = DataSet(digest="d", rows=1, symbols=("A",), first=0, last=0)
    plugin = Plugin(seat=0, role="strategy", id="a", use="a")
    others = [
        Inputs(**{**given, "capital_micros": 6}),
        Inputs(**given, seed=1),
        Inputs(**given, data=(data,)),
        Inputs(**given, plugins=(plugin,)),
        Inputs(**given, plugins=(msgspec.structs.replace(plugin, parameters={"n": 1}),)),
        Inputs(**given, parent="p"),
        Inputs(**given, parent="p", counterfactual="frozen"),
        Inputs(**given, overrides={"a": 2}),
        Inputs(**{**given, "configuration": {"a": 2}}),
    ]
    assert len({plain.run_id, *(one.run_id for one in others)}) == len(others) + 1
    with pytest.raises(JournalError, match="what JSON can say"):
        _ = Inputs(configuration={"a": object()}, capital_micros=1).run_id


def test_the_inputs_come_back() -> None:
    run = story()
    journal = Journal(run.content())
    assert journal.inputs == run.inputs
    assert journal.run_id == run.inputs.run_id
    assert journal.header.about == heading_of(run.inputs)
    assert journal.environment == {}


def test_nothing_of_the_machine_is_in_a_journal() -> None:
    """No path, host, process or moment: the same run gives the same bytes."""
    again = Recorded(list(story().entries), story().inputs, story().times)
    assert story().content() == again.content()
    assert b"/" not in story().content()


def test_only_the_events_of_one_run_in_order_are_taken() -> None:
    run = story()

    def taking(entries: list[Any]) -> JournalWriter:
        writer = JournalWriter(None, inputs=run.inputs, times=run.times, mode="memory")
        for entry in entries:
            writer.record([entry])
        return writer

    for entries, found in (
        (run.entries[1:], "not a RunStarted"),
        ([*run.entries[:9], *run.entries[12:]], "every event of one run, in order"),
        ([*run.entries, run.entries[-2]], "has no place here|after the run has ended|every event"),
        ([*run.entries[:3], run.entries[0]], "RunStarted has number 0|has no place here|every event"),
        ([*run.entries[:3], (run.entries[2][0] + 1, 0, events.Cutoff(run.entries[2][2].at_us))], "Cutoff has no place"),
    ):
        with pytest.raises(JournalError, match=found):
            taking(entries).close()


def test_inputs_are_said_of_a_result() -> None:
    """The fixtures name data by the digest that the run says."""
    assert inputs_of.__doc__
    assert story().inputs.data[0].digest == story().entries[0][2].data_digest


@pytest.mark.parametrize("source", [3, None, [b"{}"]])
def test_what_is_no_journal_at_all_is_told(source: Any) -> None:
    for asked in (verify, read):
        with pytest.raises(JournalError, match="is no journal; give a file, a run's folder, or the bytes of one"):
            asked(source)
