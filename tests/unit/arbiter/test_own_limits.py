"""Limits of one's own: what they see, what they may answer, and in which order they bind."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import msgspec
import pytest

from generators import START_US, Case, Player
from ropewalk import Ask, ConfigError, Limit, OrchestratorConfig, PluginError, Room
from ropewalk.journal import Recording, counterfactual, explain, regret, replay, verify
from ropewalk.money import MICROS_MAX

ROWS = tuple((START_US + step * 1_000_000, *[100.0 + step] * 4) for step in range(5))
BUYS = ((("AAA", "buy", "quantity", 4),), (("AAA", "buy", "quantity", 2),), (("AAA", "close", "fraction", 1),))


def case_of(*wants: Any, **named: Any) -> Case:
    players = {f"s{seat}": Player("script", weight="0.5", wants=one) for seat, one in enumerate(wants)}
    return Case(bars={"AAA": ROWS}, players=players, capital="2000", headroom_bps=0, **named)


class Keeps:
    """Keeps what it was asked, and answers each time with the next of its answers, the last one for ever."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[Ask] = []

    def room(self, ask: Ask) -> Any:
        self.asked.append(ask)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def test_a_limit_is_shown_the_ask_and_what_is_in_use() -> None:
    """Entries only, with what is held and rests before them; the second strategy's ask knows the first one's grant."""
    limit = Keeps(None)
    result = case_of(BUYS, BUYS).run(limits={"own": {"keeps": limit}})
    first, second, third, _ = limit.asked
    assert isinstance(limit, Limit)
    assert (first.at_us, first.strategy, first.symbol, first.side, first.asked_micros) == (
        *(START_US, "s0", "AAA", 1),
        400_000_000,
    )
    assert (first.open_lots, first.mark_micros, first.bar.close, first.available_micros) == (
        *(4, 100_000_000, 100.0),
        1_000_000_000,
    )
    assert (first.strategy_use.symbol_micros, first.account_use.gross_micros) == (0, 0)
    assert (second.strategy_use.symbol_micros, second.account_use.gross_micros) == (0, 400_000_000)
    assert dict(second.account_use.symbols) == {"AAA": 400_000_000}
    assert (third.bar.close, third.strategy_use.symbol_micros) == (101.0, 303_000_000)
    assert third.strategy_use.peak_micros == third.strategy_use.equity_micros == 1_000_000_000
    assert len(result.decisions) == 6
    assert {one.reason for one in result.decisions} == {"in_full"}


def test_what_a_limit_is_shown_cannot_be_changed() -> None:
    """It is asked about a run, and has no part in it."""
    limit = Keeps(None)
    case_of(BUYS).run(limits={"own": {"keeps": limit}})
    ask = limit.asked[0]
    with pytest.raises(AttributeError):
        ask.side = -1  # type: ignore[misc]
    with pytest.raises(TypeError):
        ask.account_use.symbols["AAA"] = 1  # type: ignore[index]
    with pytest.raises(AttributeError):
        ask.strategy_use.positions = 0  # type: ignore[misc]


def test_the_narrowest_binds_and_exits_pass() -> None:
    """A decision names the limit, what it allows and what is used; who may open nothing may still close."""
    limits = {"own": {"wide": Keeps(Room(900_000_000)), "narrow": Keeps(Room(500_000_000, 300_000_000), Room(0))}}
    result = case_of(BUYS).run(limits=limits)
    opened, more, closed = result.decisions
    assert (opened.verdict, opened.reason, opened.group) == ("trimmed", "own_limit", "narrow")
    assert (opened.granted_micros, opened.limit_micros, opened.used_micros) == (200_000_000, 500_000_000, 300_000_000)
    assert (more.verdict, more.group, more.limit_micros) == ("refused", "narrow", 0)
    assert (closed.verdict, closed.close_quantity) == ("granted", -1)


def test_of_equals_the_first_is_named_and_those_that_ship_come_before() -> None:
    """The order is that in which they were given, not that of their names."""
    own = {"zz": Keeps(Room(200_000_000)), "aa": Keeps(Room(200_000_000))}
    assert case_of(BUYS).run(limits={"own": own}).decisions[0].group == "zz"
    shipped = case_of(BUYS).run(limits={"own": own, "gross_exposure": "0.1"}).decisions[0]
    assert (shipped.reason, shipped.group) == ("gross_exposure", "")


def test_nothing_to_say_is_no_limit() -> None:
    """A run with a limit that never answers decides as one without it."""
    without = case_of(BUYS, BUYS).run()
    assert case_of(BUYS, BUYS).run(limits={"own": {"mute": Keeps(None)}}).decisions == without.decisions


@pytest.mark.parametrize(
    "answer",
    [
        Room(1.0, 0),  # type: ignore[arg-type]
        Room(-1),
        Room(5, -1),
        Room(MICROS_MAX + 1),
        Room(True),
        Room(None),  # type: ignore[arg-type]
        (1, 2),
        500,
        0.5,
        Fraction(1, 2),
        False,
    ],
    ids=repr,
)
def test_an_answer_that_is_no_room_stops_the_run(answer: Any) -> None:
    """Money is whole micros, and nothing is guessed from anything else."""
    with pytest.raises(PluginError, match=r"limit 'odd', asked about s0 and AAA, answered .*; return a Room of whole"):
        case_of(BUYS).run(limits={"own": {"odd": Keeps(answer)}})


def test_a_limit_that_raises_is_named() -> None:
    """And what it was asked about."""

    class Broken:
        def room(self, ask: Ask) -> Room:
            return Room(ask.nothing)  # type: ignore[attr-defined]

    with pytest.raises(PluginError, match="limit 'own', asked about s0 and AAA, raised AttributeError"):
        case_of(BUYS).run(limits={"own": {"own": Broken()}})


@pytest.mark.parametrize("given", [Keeps, 5, "half", {"use": "half"}, None])
def test_what_is_no_limit_is_refused_when_it_is_set(given: Any) -> None:
    """A class is none, since what it needs is not known."""
    with pytest.raises(ConfigError, match=r"limits\.own\.odd: .* is no limit; give an object with room\(ask\)"):
        OrchestratorConfig(limits={"own": {"odd": given}})


class Shares:
    """At most a share of the strategy's capital, which shrinks with each ask: a limit with a state of its own."""

    def __init__(self, percent: int) -> None:
        self.percent = percent

    def room(self, ask: Ask) -> Room:
        self.percent -= 1
        return Room(ask.strategy_use.capital_micros * self.percent // 100, ask.strategy_use.symbol_micros)


def recorded(**limits: Any) -> tuple[Any, Any]:
    case = case_of(BUYS, BUYS, limits={"own": limits})
    orchestrator = case.orchestrator()
    return orchestrator, orchestrator.run(case.data(), journal=Recording(mode="memory"))


def test_a_journal_names_limits_of_ones_own_in_their_order() -> None:
    """One line each, behind the other rules; another order or another setting is another run."""
    _, result = recorded(zz=Shares(30), aa=Shares(20))
    lines = [msgspec.json.decode(line) for line in result.journal.content.splitlines()]
    told = [(one["seat"], one["id"], one["parameters"]) for one in lines if one.get("role") == "limit"]
    assert told == [(0, "zz", {"percent": 30}), (1, "aa", {"percent": 20})]
    assert lines[0]["config"]["settings"]["limits"]["own"]["zz"] == {"kind": "own", "place": 0}
    assert {one.group for one in result.decisions if one.reason == "own_limit"} == {"aa"}
    others = [recorded(aa=Shares(20), zz=Shares(30)), recorded(zz=Shares(30), aa=Shares(21))]
    assert len({result.journal.run_id, *(one.journal.run_id for _, one in others)}) == 3
    assert verify(result.journal.content).is_clean


def test_a_second_run_begins_with_limits_as_they_were() -> None:
    """They may keep state, like a policy."""
    orchestrator, result = recorded(shares=Shares(30))
    again = orchestrator.run(case_of(BUYS, BUYS).data(), journal=Recording(mode="memory"))
    assert again.journal.digest == result.journal.digest


def test_the_journal_is_replayed_asked_and_explained() -> None:
    """With the limits given again; taken away, or another in its place, it says what they cost."""
    _, result = recorded(zz=Shares(30), aa=Shares(20))
    content, data = result.journal.content, case_of().data()

    def given() -> dict[str, Any]:
        return {"data": data, "config": case_of(limits={"own": {"zz": Shares(30), "aa": Shares(20)}}).config()}

    strategies = {name: seat.strategy for name, seat in case_of(BUYS, BUYS).orchestrator().seats.items()}
    assert replay(content, level="decisions", **given()).difference is None
    assert replay(content, level="full", strategies=strategies, **given()).difference is None
    same = counterfactual(content, **given())
    assert same.is_identical
    without = counterfactual(content, {"limits.own.aa": None}, **given())
    assert {one.group for one in without.result.decisions if one.reason == "own_limit"} == {"zz"}
    assert verify(without.journal.content).is_clean
    wider = counterfactual(content, {"limits.own.aa": Shares(90), "limits.own.zz": None}, **given())
    assert wider.figures.refused < same.figures.refused
    number = next(entry.number for entry in result.record.decisions if entry.event.group == "aa")
    assert "the limit 'aa' allowed 190.00, and 0.00 of that was used before this" in str(
        explain(content, number=number)
    )
    rules = regret(content, **given()).rules
    assert [one.rule for one in rules] == ["own_limit aa"]
