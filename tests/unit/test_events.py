"""The words of a run: immutable, complete, and readable by a codec."""

from __future__ import annotations

import types
import typing
from datetime import UTC, datetime

import msgspec
import pytest

from ropewalk import EVENTS, events
from ropewalk.notation import timestamp

WORDS = typing.get_args(events.Record)


def test_an_observer_may_hear_every_event_there_is() -> None:
    """`ropewalk.EVENTS` has all that are recorded and all beats, and nothing twice."""
    kinds = [kind for kind in vars(events).values() if isinstance(kind, type) and kind is not events.Event]
    every = {kind for kind in kinds if issubclass(kind, (events.Event, events.Bar))}
    assert every == set(EVENTS)
    assert len(every) == len(EVENTS)


def sample(kind: typing.Any) -> typing.Any:
    """An event with a value of the right type in each field."""
    values = {int: 7, str: "x", float: 1.5, bool: True}
    hints = typing.get_type_hints(kind)
    made = []
    for name in kind.__struct_fields__:
        hint = hints[name]
        origin = typing.get_origin(hint)
        if origin in (typing.Union, types.UnionType):
            # What may be left out has its first kind here.
            hint = typing.get_args(hint)[0]
            origin = typing.get_origin(hint)
        if origin is tuple:
            made.append((values[typing.get_args(hint)[0]],))
        elif origin is typing.Literal:
            made.append(typing.get_args(hint)[0])
        else:
            made.append(values[hint])
    return kind(*made)


@pytest.mark.parametrize("kind", WORDS, ids=lambda kind: kind.__name__)
def test_a_word_survives_its_codec(kind: typing.Any) -> None:
    """Every annotation means something: what is written can be read back strictly, equal."""
    event = sample(kind)
    assert msgspec.json.decode(msgspec.json.encode(event), type=kind) == event


@pytest.mark.parametrize("kind", [*WORDS, events.Bar], ids=lambda kind: kind.__name__)
def test_a_word_cannot_be_changed(kind: typing.Any) -> None:
    """Events are shared by everyone."""
    event = sample(kind)
    with pytest.raises(AttributeError):
        event.at_us = 8
    assert event.timestamp == datetime(1970, 1, 1, 0, 0, 0, 7, tzinfo=UTC)


def test_times_are_exact_to_the_microsecond() -> None:
    """No float comes between: a far time keeps its last digit."""
    assert timestamp(4_102_444_799_999_999) == datetime(2099, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
    assert timestamp(-1) == datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)


def test_actions_of_intents_are_not_those_of_faults() -> None:
    """One word, one meaning."""
    assert typing.get_args(events.Action) == ("buy", "sell", "close", "target")
    assert typing.get_args(events.FaultAction) == ("stop", "suspend", "flatten", "detach")
