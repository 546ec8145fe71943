"""Replay: what was recorded comes out again, at three depths; what does not is named by number, field and cause."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings

from examples import IS_DEEP, examples
from generators import Case, cases
from recorded_runs import BUSY, TALES, Chatty, Halves, Tale, Ticket, Tumbles, every_tale, months, teams, told, weeks
from ropewalk import (
    Bar,
    Conflict,
    Cutoff,
    Decision,
    Fill,
    Intent,
    Momentum,
    OrchestratorConfig,
    RunEnded,
    RunStarted,
    Strategy,
    StrategyOrchestrator,
    Transfer,
    Turn,
    buy,
    close,
    feed_of,
)
from ropewalk.arbiter.policies import Outcome
from ropewalk.errors import ConfigError, JournalError, MissingInputError, PluginError, StrategyError
from ropewalk.journal import Origin, Recording, counterfactual, diff, read, read_environment, replay, resume, verify
from ropewalk.observers.observer import observer

MEMORY = Recording(mode="memory")
BEATS = (Bar, Turn, Cutoff)
RECORDS = (RunStarted, RunEnded, Intent, Conflict, Decision, Fill, Transfer)


def given_to(tale: Tale, level: str) -> dict[str, Any]:
    """What a replay of a journal in memory needs at each level."""
    everything = tale.again()
    return {
        "state": {"data": everything["data"]},
        "decisions": {name: everything[name] for name in ("data", "config")},
        "full": everything,
    }[level]


# ── all that can happen ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("level", ["state", "decisions", "full"])
@every_tale
def test_a_run_replays(name: str, level: Any) -> None:
    """Every record as it was, and the result of the run: metrics, curves, comparison table."""
    tale, run = TALES[name], told(name)
    again = replay(run.journal.content, level=level, **given_to(tale, level))
    assert again.is_identical, str(again)
    assert (again.exit_code, again.status, again.run) == (0, "complete", run.journal.run_id)
    assert again.records == run.journal.content.count(b"\n")
    assert again.result.to_dict() == run.to_dict()
    assert again.result.comparison_table.equals(run.comparison_table)
    for strategy, curve in run.equity_curves.items():
        assert (again.result.equity_curves[strategy].equity_micros == curve.equity_micros).all()
    assert [*again.result.record.entries] == [*run.record.entries]
    assert json.dumps(again.to_dict())
    assert "identical" in str(again)


def test_the_tales_tell_everything() -> None:
    """Replays of runs in which nothing happens show nothing."""
    kinds = {record.kind for name in TALES for record in read(told(name).journal.content)}
    assert kinds >= {"conflict", "fault", "lapse", "split", "dividend", "adjustment", "payment", "transfer"}
    causes = {
        type(entries[intent.cause]).__name__
        for name in TALES
        for entries in [{entry.number: entry.event for entry in told(name).record.entries}]
        for intent in told(name).record.entries
        if isinstance(intent.event, Intent) and intent.cause in entries
    }
    assert causes >= {"Fill", "DataEnded"}


@pytest.mark.no_cover
@settings(max_examples=examples(60))
@given(cases())
def test_any_run_replays(case: Case) -> None:
    """Whatever strategies say, decisions and strategies alike come to the same records."""
    run = case.orchestrator().run(case.data(), journal=MEMORY)
    given: dict[str, Any] = {"data": case.data()}
    strategies = {name: seat.strategy for name, seat in case.orchestrator().seats.items()}
    state = replay(run.journal.content, **given)
    decisions = replay(run.journal.content, level="decisions", **given)
    full = replay(run.journal.content, level="full", strategies=strategies, **given)
    assert [one.is_identical for one in (state, decisions, full)] == [True] * 3, f"{state}\n{decisions}\n{full}"
    assert state.result.to_dict() == decisions.result.to_dict() == full.result.to_dict() == run.to_dict()


# ── whoever watches ───────────────────────────────────────────────────────────────────────────────────────────────────


def listener(*kinds: type) -> tuple[Any, list[Any]]:
    heard: list[Any] = []

    @observer(*kinds)
    def listen(event: Any, number: int, cause: int) -> None:
        heard.append((number, cause, event))

    return listen, heard


@pytest.mark.parametrize("level", ["state", "decisions", "full"])
@pytest.mark.parametrize("name", ["everything", "close", "actions", "own rules"])
def test_observers_hear_the_same(name: str, level: Any) -> None:
    """The same events with the same numbers and causes as during the run; the state has no beats to hear."""
    tale = TALES[name]
    kinds = RECORDS if level == "state" else (*BEATS, *RECORDS)
    live, then = listener(*kinds)
    run = tale.run(observers=[live])
    again, now = listener(*kinds)
    assert replay(run.journal.content, level=level, observers=[again], **given_to(tale, level)).is_identical
    assert now == then
    assert len(then) > 20


def test_the_state_has_no_beats_to_hear() -> None:
    tale = TALES["momentum"]
    with pytest.raises(ConfigError, match="Bar, which are not in a journal"):
        replay(tale.run().journal.content, observers=[listener(Bar)[0]])


def test_an_observer_of_a_state_that_raises_is_told_and_nothing_else() -> None:
    @observer(Fill)
    def clumsy(event: Any, number: int, cause: int) -> None:
        raise RuntimeError("dropped it")

    again = replay(TALES["momentum"].run().journal.content, observers=[clumsy], data=months())
    assert again.is_identical
    assert len(again.state.faults) == 1  # type: ignore[union-attr]
    assert "dropped it" in str(again)


def clumsy_at(kind: type, at: int) -> Any:
    """An observer that raises when it hears for the `at`-th time."""

    @observer(kind)
    class Clumsy:
        heard = 0

        def __call__(self, event: Any, number: int, cause: int) -> None:
            self.heard += 1
            if self.heard == at:
                raise RuntimeError("dropped it")

    return Clumsy()


@pytest.mark.no_cover
@pytest.mark.parametrize("at", [1, 2, 5])
@pytest.mark.parametrize("kind", [Bar, Turn, Cutoff, Intent, Decision, Fill, RunStarted])
def test_an_observer_that_raised_in_the_run_is_no_difference(kind: type, at: int) -> None:
    """Its fault is said again at the beat where it was said: before the intents, or behind the decisions."""
    tale = TALES["everything"]
    run = tale.run(observers=[clumsy_at(kind, at)])
    assert len([one for one in run.faults if one.action == "detach"]) <= 1
    for level in ("state", "decisions", "full"):
        again = replay(run.journal.content, level=level, **given_to(tale, level))  # type: ignore[arg-type]
        assert again.is_identical, str(again)


@pytest.mark.parametrize("kind", [Turn, Cutoff, Intent, Decision, Fill])
def test_an_observer_that_raises_again_is_not_said_twice(kind: type) -> None:
    tale = TALES["everything"]
    run = tale.run(observers=[clumsy_at(kind, 3)])
    again = replay(run.journal.content, level="full", observers=[clumsy_at(kind, 3)], **tale.again())
    assert again.is_identical, str(again)


# ── runs that did not get to their end ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("level", ["state", "decisions", "full"])
@pytest.mark.parametrize("stops", [0, 1, 5, 60])
def test_a_stopped_run_replays(stops: int, level: Any) -> None:
    tale = TALES["all four"]
    asked = iter(range(1_000))
    run = tale.run(should_stop=lambda: next(asked) == stops)
    assert run.ended.status == "stopped"
    again = replay(run.journal.content, level=level, **given_to(tale, level))
    assert again.is_identical, str(again)
    assert again.status == "stopped"
    assert again.result.to_dict() == run.to_dict()


@pytest.mark.parametrize("level", ["state", "decisions", "full"])
def test_a_failed_run_replays_up_to_its_failure(level: Any, tmp_path: Path) -> None:
    tale = Tale(lambda: teams(Chatty(), Tumbles(40)), months)
    with pytest.raises(StrategyError):
        tale.run(tmp_path)
    (folder,) = tmp_path.iterdir()
    assert verify(folder).status == "failed"
    again = replay(folder, level=level, **{k: v for k, v in given_to(tale, level).items() if k == "strategies"})
    assert again.is_identical, str(again)
    assert again.status == "failed"
    assert again.result is None or level == "decisions"


@pytest.mark.parametrize("level", ["state", "decisions", "full"])
def test_a_journal_without_an_end_replays_as_far_as_it_goes(level: Any) -> None:
    """From each line end; what takes a run each time, in CI from every third, the two levels from different ones."""
    tale = TALES["everything"]
    whole = tale.run().journal.content
    ends = [place + 1 for place, byte in enumerate(whole) if byte == 10]
    is_asked_often = IS_DEEP or level == "state"
    for end in ends[:-1] if is_asked_often else ends[("decisions", "full").index(level) : -1 : 3]:
        again = replay(whole[:end], level=level, **given_to(tale, level))
        assert again.is_identical, f"{end}: {again}"
        assert again.status == "incomplete"


# ── what has changed is named ─────────────────────────────────────────────────────────────────────────────────────────


class Sly(Chatty):
    """Does as Chatty does, but for its n-th bar."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.at = at
        self.bars = 0

    def on_bar(self, bar: Any, view: Any) -> Any:
        self.bars += 1
        want = super().on_bar(bar, view)
        if self.bars == self.at:
            from ropewalk import sell

            return sell(bar.symbol, quantity=1, note="sly")
        return want


class Dear(Ticket):
    """Takes a micro more of its n-th fill."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.at = at
        self.fills = 0

    def commission_micros(self, quantity: int, price_micros: int) -> int:
        self.fills += 1
        return super().commission_micros(quantity, price_micros) + (self.fills == self.at)


class Slips:
    """Slips by a micro at its n-th fill."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.fills = 0

    def slippage_micros(self, quantity: int, price_micros: int) -> int:
        self.fills += 1
        return int(self.fills == self.at)


class Sways(Halves):
    """Allows a micro less in its n-th conflict."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.conflicts = 0

    def settle(self, wishes: Any) -> Any:
        self.conflicts += 1
        outcomes = super().settle(wishes)
        if self.conflicts != self.at:
            return outcomes
        return [Outcome(max(one.allowed_micros - 1_000_000, 0), one.allowed_close_lots) for one in outcomes]


def first_difference(recorded: Any, changed: Any) -> tuple[int, int, str]:
    """The first entry that two runs do not share, found by comparing what they kept, not what they wrote."""
    pairs = zip(recorded.record.entries, changed.record.entries, strict=False)
    entry = next(one for one, other in pairs if one != other)
    return entry.number, entry.cause, type(entry.event).__name__.lower()


PLANTED: dict[str, tuple[int, Any]] = {
    "strategy": (examples(60), lambda at: {"strategies": {"s0": Sly(at)}}),
    "commission": (examples(40), lambda at: {"config": {"commission": Dear(at)}}),
    "slippage": (examples(40), lambda at: {"config": {"slippage": Slips(at)}}),
    "policy": (3, lambda at: {"config": {"conflict_policy": Sways(at)}}),
}


# The decisions of a run do not ask its strategies.
@pytest.mark.parametrize(
    ("what", "level"),
    [
        (what, level)
        for what in PLANTED
        for level in ("decisions", "full")
        if (what, level) != ("strategy", "decisions")
    ],
)
@pytest.mark.no_cover
def test_a_planted_change_is_named(what: str, level: Any) -> None:
    """
    Something goes differently once, at a random moment: the number, the kind and the cause are those of the first
    entry that differs between the two runs as they were kept in memory.
    """
    tale = Tale(
        lambda: {"s0": (Sly(0), "0.3"), "s1": (Chatty(), "0.3"), "s2": (Tumbles(10_000), "0.3")},
        months,
        lambda: {"conflict_policy": Sways(0), "commission": Dear(0), "slippage": Slips(0)},
    )
    run = tale.run()
    many, plant = PLANTED[what]
    room = {"strategy": 200, "commission": len(run.fills), "slippage": len(run.fills), "policy": len(run.conflicts)}
    random = Random(f"planted {what}")
    moments = random.sample(range(1, room[what] + 1), min(many, room[what]))
    named = 0
    for at in moments:
        changes = plant(at)
        config = tale.config(**changes.get("config", {}))
        given = {"data": months(), "config": config}
        if level == "full":
            given["strategies"] = {**tale.strategies(), **changes.get("strategies", {})}
        again = replay(run.journal.content, level=level, **given)
        seats = {
            name: (changes.get("strategies", {}).get(name, seat[0]), *seat[1:]) for name, seat in tale.seats().items()
        }
        other = StrategyOrchestrator(
            {name: (plant(at)["strategies"]["s0"], *seat[1:]) if "strategies" in changes and name == "s0" else seat
             for name, seat in seats.items()},
            tale.capital,
            tale.config(**plant(at).get("config", {})),
        ).run(months(), journal=MEMORY)  # fmt: skip
        if other.record.digest() == run.record.digest():
            # A micro off what nobody got: nothing went differently, and nothing is said.
            assert again.is_identical
            continue
        found = again.difference
        assert found is not None, at
        number, cause, kind = first_difference(run, other)
        assert (again.exit_code, found.number) == (1, number)
        assert bool(found.fields) == (found.kind_of_difference == "different")
        recorded = found.a.said if found.a is not None else {}
        if found.kind_of_difference == "different":
            assert (recorded["k"], recorded["c"]) == (kind, cause)
        whole = diff(run.journal.content, other.journal.content)
        assert whole is not None
        assert (whole.number, whole.kind, whole.kind_of_difference) == (number, found.kind, found.kind_of_difference)
        assert "diverged" in str(again)
        named += 1
    assert named >= (1 if what == "policy" else len(moments) // 2)
    print(what, level, named)


def test_other_parameters_show_where_they_matter() -> None:
    tale = TALES["momentum"]
    run = tale.run()
    again = replay(run.journal.content, level="full", strategies={"s0": Momentum(6, 20)}, data=months())
    assert not again.is_identical
    assert again.difference is not None
    assert again.difference.kind in ("intent", "step")


def test_another_source_is_a_note() -> None:
    """A class from another file, with the same behaviour: identical, and said."""
    run = TALES["momentum"].run()

    class Elsewhere(Momentum):
        pass

    again = replay(run.journal.content, level="full", strategies={"s0": Elsewhere(5, 20)}, data=months())
    assert again.is_identical
    assert [note.partition(" was")[0] for note in again.notes] == ["strategy s0: use", "strategy s0: source"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"strategies": None}, r"came as objects.*give strategies="),
        ({"strategies": {}}, r"in this order; given are"),
        ({"strategies": {"s1": None, "s0": None}}, r"the run had the strategies s0, s1, s2, in this order"),
        ({"data": None}, r"no bars beside it; give data="),
        ({"config": None}, r"commission, conflict_policy came with the run; give config="),
    ],
)
def test_what_is_missing_is_asked_for(given: dict[str, Any], said: str) -> None:
    tale = TALES["own rules"]
    with pytest.raises(JournalError, match=said):
        replay(tale.run().journal.content, level="full", **{**tale.again(), **given})


def test_other_data_and_settings_are_refused() -> None:
    tale = TALES["close"]
    content = tale.run().journal.content
    other = feed_of({symbol: bars[:-1] for symbol, bars in _bars(months()).items()})
    for level in ("state", "decisions", "full"):
        given = {**given_to(tale, level), "data": other}
        with pytest.raises(JournalError, match="the data given have digest"):
            replay(content, level=level, **given)  # type: ignore[arg-type]
    with pytest.raises(JournalError, match="fill_at 'next_open' instead of 'close'"):
        replay(content, level="decisions", data=months(), config=tale.config(fill_at="next_open"))


def _bars(feed: Any) -> dict[str, list[Bar]]:
    return {one.symbol: list(one.bars()) for one in feed.series}


def test_levels_have_names() -> None:
    with pytest.raises(ConfigError, match="levels are state, decisions, full"):
        replay(b"", level="deep")  # type: ignore[arg-type]


class Rising(Ticket):
    """Takes more of each fill than of the one before."""

    def commission_micros(self, quantity: int, price_micros: int) -> int:
        self.micros += 1_000
        return super().commission_micros(quantity, price_micros)


class Fading(Halves):
    """Allows less and less."""

    def __init__(self) -> None:
        self.asked = 0

    def settle(self, wishes: Any) -> Any:
        self.asked += 1
        return [Outcome(wish.asked_micros // (1 + self.asked), wish.close_lots) for wish in wishes]


class Sliding(Slips):
    """Slips by a micro at every second fill."""

    def slippage_micros(self, quantity: int, price_micros: int) -> int:
        self.fills += 1
        return self.fills % 2


STATEFUL = TALES["own rules"]._replace(
    settings=lambda: {"commission": Rising(), "slippage": Sliding(0), "conflict_policy": Fading()}
)


def test_rules_that_keep_state_begin_each_run_as_they_were_given() -> None:
    """As strategies do: the same orchestrator again gives the same journal, whatever its rules remember."""
    orchestrator = STATEFUL.orchestrator()
    first, second, third = (orchestrator.run(months(), journal=MEMORY).journal for _ in range(3))
    assert first.digest == second.digest == third.digest == STATEFUL.run().journal.digest
    used = orchestrator.config
    assert (used.commission.micros, used.slippage.fills, used.conflict_policy.asked) != (250_000, 0, 0)


def test_a_policy_of_one_symbol_keeps_its_state_to_a_run() -> None:
    """It begins each run as it was given, too."""
    policies = {symbol: Fading() for symbol in months().symbols}
    orchestrator = STATEFUL._replace(settings=lambda: {"conflict_policies": policies}).orchestrator()
    first, second, third = (orchestrator.run(months(), journal=MEMORY) for _ in range(3))
    assert any(one.policy == Fading.name for one in first.conflicts)
    assert first.journal.digest == second.journal.digest == third.journal.digest


def test_what_a_strategy_and_a_model_share_they_share_in_every_run() -> None:
    """Copies are taken of all at once."""

    class Watches(Chatty):
        def __init__(self, ticket: Ticket) -> None:
            super().__init__()
            self.ticket = ticket

        def on_fill(self, fill: Any, view: Any) -> Any:
            self.ticket.micros += 1_000
            return super().on_fill(fill, view)

    ticket = Ticket()
    orchestrator = StrategyOrchestrator(teams(Watches(ticket)), 10_000, OrchestratorConfig(commission=ticket))
    first, second = (orchestrator.run(months(), journal=MEMORY) for _ in range(2))
    assert first.journal.digest == second.journal.digest
    assert second.fills[-1].commission_micros >= 250_000 + 1_000 * (len(second.fills) - 1) > 250_000


@pytest.mark.parametrize("level", ["decisions", "full"])
def test_rules_that_were_used_before_are_named(level: Any) -> None:
    """A replay given what a run has left behind diverges, and says which parameter is not as it was."""
    orchestrator = STATEFUL.orchestrator()
    run = orchestrator.run(months(), journal=MEMORY)
    given = {**given_to(STATEFUL, level), "config": orchestrator.config}
    again = replay(run.journal.content, level=level, **given)
    assert again.exit_code == 1
    assert "commission Rising: parameters was {'micros': 250000}, is {'micros': " in str(again)
    fresh = replay(run.journal.content, level=level, **given_to(STATEFUL, level))
    assert (fresh.exit_code, fresh.notes) == (0, ())


@pytest.mark.parametrize("level", ["state", "decisions", "full"])
def test_an_observer_that_stops_a_replay_is_no_divergence(level: Any) -> None:
    """The run is as it was recorded; who ended the replay is named, and what was recorded is not accused."""
    tale = TALES["all four"]
    content = tale.run().journal.content

    @observer(Fill, on_error="stop")
    def strict(event: Any, number: int, cause: int) -> None:
        raise ValueError("no more")

    with pytest.raises(PluginError, match="strict raised ValueError: no more when it heard Fill, number"):
        replay(content, level=level, observers=[strict], **given_to(tale, level))


def test_a_difference_says_which_side_is_the_replay() -> None:
    run = StrategyOrchestrator({"sly": (Sly(10**9), "0.5")}).run(months(), journal=MEMORY)
    again = replay(run.journal.content, level="full", strategies={"sly": Sly(5)}, data=months())
    assert again.difference is not None
    assert str(again.difference).splitlines()[:2] == ["a the journal in memory", "b this full replay of it"]


NOTES = {
    "as long as is kept": "n" * 4096,
    "longer": "n" * 4097,
    "not ASCII, in four bytes": "\N{GRINNING FACE}" * 5_000,
    "control characters and quotes": '\x00"\\\x7f\n' * 2_000,
    "half a pair, cut in its escape": "n" * 4_092 + "\ud83d" + "n" * 20,
}


class Talks(Strategy):
    """Gives long reasons at a bar and to a fill."""

    def __init__(self, note: str) -> None:
        self.note = note

    def on_bar(self, bar: Any, view: Any) -> Any:
        return buy(bar.symbol, fraction=0.2, note=self.note) if view.position(bar.symbol) is None else None

    def on_fill(self, fill: Any, view: Any) -> Any:
        return close(fill.symbol, note=self.note[::-1]) if fill.quantity > 0 else None


@pytest.mark.no_cover
@pytest.mark.parametrize("note", NOTES.values(), ids=NOTES)
def test_long_notes_are_the_same_in_a_run_its_journal_and_its_replays(note: str, tmp_path: Path) -> None:
    """They are clipped where they are said: the result, observers, every level of replay and what goes on agree."""

    def made() -> StrategyOrchestrator:
        return StrategyOrchestrator({"talks": (Talks(note), "0.5"), "trend": (Momentum(3, 8), "0.4")}, 10_000)

    def strategies() -> dict[str, Any]:
        return {name: seat.strategy for name, seat in made().seats.items()}

    feed = weeks()
    run = made().run(feed, journal=MEMORY)
    content = run.journal.content
    assert verify(content).is_clean
    said = [one for one in run.intents if one.strategy == "talks"]
    assert {len(one.note) for one in said} == {4096}
    assert {one.action for one in said} >= {"buy", "close"}
    assert [one.event for one in read(content) if one.kind == "intent"] == list(run.intents)
    for level in ("state", "decisions", "full"):
        heard: list[Intent] = []
        given: dict[str, Any] = {"strategies": strategies()} if level == "full" else {}
        again = replay(content, level=level, data=feed, observers=[observer(Intent)(_keeps(heard))], **given)
        assert again.is_identical, (level, str(again))
        assert heard == list(run.intents)
        assert again.result.intents == run.intents
    assert counterfactual(content, data=feed).difference is None
    asked = iter(range(1_000))
    stopped = made().run(feed, journal=tmp_path, should_stop=lambda: next(asked) == 12)
    assert resume(stopped.journal.path, strategies=strategies()).digest == run.journal.digest


class Raises:
    """Raises with what stands there."""

    def __init__(self, text: str) -> None:
        self.text = text

    def on_turn(self, view: Any) -> Any:
        raise ValueError(self.text)


@pytest.mark.parametrize("text", NOTES.values(), ids=NOTES)
def test_whatever_an_exception_says_is_on_record_and_ends_no_run(text: str, tmp_path: Path) -> None:
    """Its text is clipped and its stack kept beside the journal; what others do is not touched."""
    seats = {"raises": (Raises(text), "0.5"), "trend": (Momentum(3, 8), "0.4")}
    config = OrchestratorConfig(on_strategy_error="suspend")
    run = StrategyOrchestrator(seats, 10_000, config).run(months(), journal=tmp_path)
    (fault,) = run.faults
    assert (run.ended.status, len(fault.error) <= 4096, bool(run.fills)) == ("complete", True, True)
    path = run.journal.path
    assert verify(path).is_clean
    (told,) = read_environment(path)["faults"]
    assert told["source"] == "raises"
    assert "ValueError: " in "".join(told["traceback"])
    for level in ("state", "decisions", "full"):
        given: dict[str, Any] = {"strategies": {"raises": Raises(text), "trend": Momentum(3, 8)}}
        assert replay(path, level=level, **(given if level == "full" else {})).is_identical


def _keeps(heard: list[Any]) -> Any:
    return lambda event, number, cause: heard.append(event)


def test_a_changed_policy_of_a_symbol_is_named_with_it() -> None:
    """Symbols may have policies of one name; only the one that is another is told."""
    first, second = months().symbols

    def config(floor: int) -> OrchestratorConfig:
        policies = {first: Fading(), second: Fading()}
        policies[first].asked = floor
        return OrchestratorConfig(conflict_policies=policies)

    run = StrategyOrchestrator(STATEFUL.seats(), 10_000, config(0)).run(months(), journal=MEMORY)
    again = replay(run.journal.content, level="decisions", data=months(), config=config(1))
    (told,) = again.notes
    assert told.startswith(f"policy halves for {first}: parameters was {{'asked': 0")


# ── from a folder ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_strategies_made_by_name_are_made_again(tmp_path: Path) -> None:
    """Nothing has to be given: settings, strategies and bars lie in the folder."""
    origins = {"trend": Origin("momentum", {"short_window": 5, "long_window": 20})}
    run = StrategyOrchestrator({"trend": (Momentum(5, 20), "0.5")}).run(
        months(), journal=Recording(tmp_path, origins=origins)
    )
    for level in ("state", "decisions", "full"):
        again = replay(run.journal.path.parent, level=level)  # type: ignore[arg-type]
        assert again.is_identical
        assert again.result.comparison_table.equals(run.comparison_table)


def test_bars_that_are_not_there_are_asked_for(tmp_path: Path) -> None:
    run = TALES["momentum"].run(tmp_path)
    for path in (run.journal.path.parent / "data").iterdir():
        path.unlink()
    with pytest.raises(MissingInputError, match="give data= with those of the run"):
        replay(run.journal.path, level="decisions")
    state = replay(run.journal.path)
    assert state.is_identical
    assert state.result is None
    assert "no curves and no metrics" in str(state)


def test_a_state_that_was_forged_is_wrong() -> None:
    """All checksums made right; the books are not those of the footer."""
    from zlib import crc32

    lines = TALES["everything"].run().journal.content.split(b"\n")[:-1]
    place = next(place for place, line in enumerate(lines) if b'"k":"fill"' in line and b'"commission":1000000' in line)
    lines[place] = lines[place].replace(b'"commission":1000000', b'"commission":1000001')
    before = int(lines[place - 1][-10:-2], 16)
    for at in range(place, len(lines)):
        body = lines[at][:-16]
        before = crc32(body, before)
        lines[at] = b'%b,"x":"%08x"}' % (body, before)
    again = replay(b"\n".join(lines) + b"\n", data=TALES["everything"].data())
    assert (again.is_identical, again.exit_code) == (False, 1)
    assert "the books are not those that were recorded" in str(again)


def test_a_long_run_replays() -> None:
    """Across checkpoints and blocks."""
    run = BUSY.run()
    assert run.journal.content.count(b'"k":"ckpt"') >= 1
    for level in ("state", "decisions", "full"):
        assert replay(run.journal.content, level=level, **given_to(BUSY, level)).is_identical  # type: ignore[arg-type]
