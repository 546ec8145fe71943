"""The bus: one queue, one order that everybody sees, sealed seats, gapless numbers."""

from __future__ import annotations

import gc
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ropewalk import bus as bus_module
from ropewalk.bus import Bus, Lane, Phase
from ropewalk.errors import PluginError
from ropewalk.events import Fault


class Ping(msgspec.Struct, frozen=True):
    at_us: int = 0
    depth: int = 0


class Pong(msgspec.Struct, frozen=True):
    at_us: int = 0


class Ear:
    """A receiver with a method, of which equal twins may exist."""

    def __init__(self, name: int, heard: list[int]) -> None:
        self.name = name
        self.heard = heard

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ear)

    def __hash__(self) -> int:
        return 1

    def hear(self, event: Any) -> None:
        self.heard.append(self.name)


@given(st.lists(st.tuples(st.sampled_from(list(Phase)), st.booleans()), max_size=40))
def test_receivers_hear_by_phase_and_then_in_order_of_subscription(seats: list[tuple[Phase, bool]]) -> None:
    """Functions and bound methods alike, even of objects that are equal: never in the order of addresses."""
    bus, heard = Bus(), []
    for name, (phase, is_method) in enumerate(seats):
        ear = Ear(name, heard)
        bus.subscribe(Ping, ear.hear if is_method else (lambda event, ear=ear: ear.hear(event)), phase=phase)
    bus.seal()
    bus.announce(Ping())
    assert heard == [name for name, _ in sorted(enumerate(seats), key=lambda seat: (seat[1][0], seat[0]))]


def test_receivers_are_held_strongly() -> None:
    """A receiver that nobody else holds still hears."""
    bus, heard = Bus(), []
    bus.subscribe(Ping, Ear(1, heard).hear, phase=Phase.LEDGER)
    bus.subscribe(Ping, lambda event: heard.append(2), phase=Phase.LEDGER)
    gc.collect()
    bus.seal()
    bus.announce(Ping())
    assert heard == [1, 2]


def test_a_publish_waits_its_turn() -> None:
    """First in, first out: what a receiver publishes is heard after all hear the first, in one order by everyone."""
    bus, heard = Bus(), []

    def first(event: Ping) -> None:
        heard.append(("first", event.depth))
        if event.depth < 2:
            bus.publish(Ping(depth=event.depth + 1))
            bus.publish(Ping(depth=event.depth + 10))

    bus.subscribe(Ping, first, phase=Phase.MARKET)
    bus.subscribe(Ping, lambda event: heard.append(("second", event.depth)), phase=Phase.COLLECTORS)
    bus.seal()
    bus.announce(Ping())
    depths = [0, 1, 10, 2, 11]
    assert heard == [(who, depth) for depth in depths for who in ("first", "second")]


def test_numbers_are_gapless_and_causes_known() -> None:
    """The cause of an event is what was being delivered when it was published, or what the publisher names."""
    bus, entries = Bus(), []
    bus.record(entries.extend)

    def answer(event: Ping) -> None:
        if event.depth == 0:
            assert bus.publish(Ping(depth=1)) == 1
            assert bus.publish(Pong()) == 2
        elif event.depth == 1:
            bus.publish(Pong())
            bus.publish(Pong(), cause=0)

    bus.subscribe(Ping, answer, phase=Phase.LEDGER)
    bus.seal()
    bus.announce(Ping())
    bus.announce(Pong())
    assert [(number, cause) for number, cause, _ in entries] == [(0, 0), (1, 0), (2, 0), (3, 1), (4, 0), (5, 4)]


def test_a_sealed_bus_moves_no_seats() -> None:
    """Subscribing and observing end when the run begins."""
    bus = Bus()
    bus.seal()
    with pytest.raises(PluginError, match="came after the run began"):
        bus.subscribe(Ping, print, phase=Phase.LEDGER)
    with pytest.raises(PluginError, match="seats are sealed"):
        bus.observe(Ping, print)
    with pytest.raises(PluginError, match="seats are sealed"):
        bus.record(print)


def test_a_receiver_subscribed_twice_hears_once() -> None:
    """One seat a receiver and type of event."""
    bus, heard = Bus(), []

    def hear(event: Ping) -> None:
        heard.append(event)

    assert bus.subscribe(Ping, hear, phase=Phase.LEDGER) is hear
    bus.subscribe(Ping, hear, phase=Phase.LEDGER)
    bus.seal()
    bus.announce(Ping())
    assert len(heard) == 1


def test_observers_come_last_with_number_and_cause() -> None:
    bus, heard = Bus(), []
    assert bus.observe(Pong, lambda event, number, cause: heard.append((number, cause)))
    bus.subscribe(Pong, lambda event: heard.append("receiver"), phase=Phase.COLLECTORS)
    bus.subscribe(Ping, lambda event: bus.publish(Pong()), phase=Phase.LEDGER)
    bus.seal()
    bus.announce(Ping())
    assert heard == ["receiver", (1, 0)]


def test_an_observer_that_raises_is_detached_from_everything() -> None:
    """It leaves one Fault, caused by what it could not bear, and is never called again for anything."""
    bus, entries, heard = Bus(), [], []
    bus.record(entries.extend)

    class Clumsy:
        def __call__(self, event: Any, number: int, cause: int) -> None:
            heard.append(number)
            if number:
                raise ValueError("x" * 10_000)

    clumsy = Clumsy()
    bus.observe(Ping, clumsy, name="clumsy")
    bus.observe(Pong, clumsy, name="clumsy")
    bus.observe(Ping, lambda event, number, cause: heard.append("other"))
    bus.seal()
    bus.announce(Pong(at_us=41))
    bus.announce(Pong(at_us=42))
    bus.announce(Ping(at_us=43))
    bus.announce(Pong(at_us=43))
    faults = [entry for entry in entries if isinstance(entry[2], Fault)]
    assert heard == [0, 1, "other"]
    assert [(number, cause) for number, cause, _ in faults] == [(2, 1)]
    fault = faults[0][2]
    assert (fault.at_us, fault.source, fault.callback, fault.action) == (42, "clumsy", "Pong", "detach")
    assert fault.error.startswith("ValueError: xxx")
    assert len(fault.error) == bus_module.ERROR_MAX


def test_an_observer_of_faults_may_fail_too() -> None:
    """Faults about observers of faults come to an end."""
    bus, entries = Bus(), []
    bus.record(entries.extend)

    def fail(event: Any, number: int, cause: int) -> None:
        raise RuntimeError("no")

    def fail_too(event: Any, number: int, cause: int) -> None:
        raise RuntimeError("nor I")

    bus.observe(Ping, fail)
    bus.observe(Fault, fail_too)
    bus.seal()
    bus.announce(Ping())
    assert [entry[2].error for entry in entries[1:]] == ["RuntimeError: no", "RuntimeError: nor I"]
    assert entries[1][2].source == "test_an_observer_of_faults_may_fail_too.<locals>.fail"


def test_a_vital_observer_stops_the_run() -> None:
    """What must be written must not be lost silently."""
    bus = Bus()

    def write(event: Any, number: int, cause: int) -> None:
        raise OSError("disk full")

    bus.observe(Ping, write, is_vital=True)
    bus.seal()
    with pytest.raises(OSError, match="disk full"):
        bus.announce(Ping())


def test_a_vital_observer_that_raised_hears_nothing_more() -> None:
    """Not even what waited when the run ended: what it would say then would hide what it said first."""
    bus, heard = Bus(), []

    def write(event: Ping, number: int, cause: int) -> None:
        heard.append(event.depth)
        raise OSError(f"no. {event.depth}")

    bus.observe(Ping, write, is_vital=True)
    bus.seal()
    bus.publish(Ping(depth=1))
    bus.publish(Ping(depth=2))
    with pytest.raises(OSError, match=r"no\. 1"):
        bus.drain()
    bus.abandon()
    assert heard == [1]


@pytest.mark.interpreted("replaces a constant of the bus")
def test_an_endless_chain_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Events that lead to events for ever are an error that shows the last one."""
    monkeypatch.setattr(bus_module, "CHAIN_MAX", 50)
    bus, heard = Bus(), []
    bus.subscribe(Ping, lambda event: bus.publish(Ping(depth=event.depth + 1)), phase=Phase.LEDGER)
    bus.subscribe(Ping, heard.append, phase=Phase.COLLECTORS)
    bus.seal()
    with pytest.raises(PluginError, match=r"more than 50 events; the last was Ping\(at_us=0, depth=50\)"):
        bus.announce(Ping())
    assert len(heard) == 51


def test_a_chain_is_bounded_instant_by_instant(monkeypatch: pytest.MonkeyPatch) -> None:
    """A long run is no endless chain: what counts is what one instant leads to, live or repeated from a journal."""
    monkeypatch.setattr(bus_module, "CHAIN_MAX", 3)
    bus, heard = Bus(), []
    bus.subscribe(Ping, lambda event: bus.publish(Pong()), phase=Phase.LEDGER)
    bus.subscribe(Pong, heard.append, phase=Phase.COLLECTORS)
    bus.seal()
    for at_us in range(10):
        bus.announce(Ping(at_us=at_us))
    assert len(heard) == 10
    again, shown = Bus(), []
    again.observe(Ping, lambda event, number, cause: shown.append((number, cause, again.next)))
    again.seal()
    for number in (0, 7, 900):
        again.repeat((number, 5, Ping()))
    assert shown == [(0, 5, 1), (7, 5, 8), (900, 5, 901)]


def test_who_hears_a_beat_alone_may_be_called_with_its_bar() -> None:
    """The lane offers the brief form only while nobody else, observers included, has to be shown the beat itself."""

    def lane_of(*, with_other: bool, with_observer: bool) -> Lane:
        bus = Bus()
        bus.subscribe(Ping, print, phase=Phase.STRATEGIES, brief=repr)
        if with_other:
            bus.subscribe(Ping, vars, phase=Phase.ARBITER)
        if with_observer:
            bus.observe(Ping, print)
        bus.seal()
        return bus.lane(Ping)

    alone = lane_of(with_other=False, with_observer=False)
    assert alone.receivers == (print,)
    assert alone.brief is repr
    assert lane_of(with_other=True, with_observer=False).brief is None
    assert lane_of(with_other=False, with_observer=True).brief is None


def test_what_a_failing_receiver_was_given_is_on_record() -> None:
    """Recorders hear everything up to the event that could not be borne, and what waited once the run is given up."""
    bus, entries, shown = Bus(), [], []
    bus.record(entries.extend)

    def fail(event: Ping) -> None:
        for depth in range(3):
            bus.publish(Pong(at_us=depth))

    def fail_at_one(event: Pong) -> None:
        if event.at_us == 1:
            raise RuntimeError("no")

    bus.subscribe(Ping, fail, phase=Phase.LEDGER)
    bus.subscribe(Pong, fail_at_one, phase=Phase.LEDGER)
    bus.observe(Pong, lambda event, number, cause: shown.append(number))
    bus.seal()
    with pytest.raises(RuntimeError, match="no"):
        bus.announce(Ping())
    assert [number for number, _, _ in entries] == [0, 1, 2]
    bus.abandon()
    assert [number for number, _, _ in entries] == [0, 1, 2, 3]
    assert shown == [1, 3]


def test_a_step_without_consequences_gives_its_number_back() -> None:
    """Numbers are gapless over what happened: the next instant, or the next announcement, takes it."""
    bus, entries = Bus(), []
    bus.record(entries.extend)
    bus.seal()
    bus.open_step()
    assert bus.next == bus.unused == 1
    bus.announce(Ping())
    assert bus.next != bus.unused
    bus.open_step()
    assert bus.next == bus.unused == 2
    assert bus.publish(Pong()) == 2
    bus.drain()
    assert [(number, cause) for number, cause, _ in entries] == [(0, 0), (2, 1)]
