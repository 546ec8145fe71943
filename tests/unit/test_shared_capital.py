"""Rebalances and suspensions from settings to results, journals and stories."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings

from examples import examples
from generators import Case, shared_cases
from recorded_runs import TALES, flat
from ropewalk import ConfigError, JournalError, OrchestratorConfig, StrategyOrchestrator, buy
from ropewalk.arbiter.rebalance import NOTE
from ropewalk.arbiter.rebalancers import Calendar, DrawdownScaled, Threshold
from ropewalk.errors import RunFileError
from ropewalk.events import Decision, Intent, Reallocation, Rebalance, Suspension, Transfer
from ropewalk.journal import counterfactual, explain, read, replay, resume, verify
from ropewalk.journal.rules import Rules
from ropewalk.recording.recording import Recording
from ropewalk.reports.capital import capital
from ropewalk.reports.page import summary
from ropewalk.run_file import load_run
from ropewalk.testing import check_rebalancer

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
TALE = TALES["shared"]


class Says:
    """Wants on the n-th turn what stands there."""

    def __init__(self, *wants: Any) -> None:
        self.wants = list(wants)

    def on_turn(self, view: Any) -> Any:
        return self.wants.pop(0) if self.wants else None


class ToTheFirst:
    """A rebalancer of one's own, which keeps count."""

    name = "to_the_first"
    every = "instant"
    version = "7"
    lookback = 2

    def __init__(self) -> None:
        self.seen: list[Any] = []

    def targets(self, members: Any) -> Any:
        self.seen.append(members)
        return {one.strategy: Fraction(seat == 0) * Fraction("0.5") for seat, one in enumerate(members)}


def run_of(seats: dict[str, Any], prices: Any, **settings: Any) -> Any:
    journal = Recording(mode="memory")
    orchestrator = StrategyOrchestrator(seats, "2000", OrchestratorConfig(**settings))
    return orchestrator.run({"GLD": flat("GLD", *prices)}, journal=journal)


# ── settings ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("given_as", "made", "recorded"),
    [
        ("fixed", None, None),
        ("calendar", Calendar("month"), {"kind": "calendar", "every": "month"}),
        (
            {"kind": "threshold"},
            Threshold(Fraction(1, 10)),
            {"kind": "threshold", "absolute": None, "relative": None, "every": "instant"},
        ),
        (
            {"kind": "threshold", "relative": "0.250"},
            Threshold(None, Fraction(1, 4)),
            {"kind": "threshold", "absolute": None, "relative": "0.25", "every": "instant"},
        ),
        (
            {"kind": "drawdown_scaled", "floor": 0},
            DrawdownScaled("month", Fraction(1, 5), Fraction(0)),
            {"kind": "drawdown_scaled", "every": "month", "drawdown": "0.2", "floor": "0"},
        ),
    ],
)
def test_a_rebalancer_is_named_or_a_table(given_as: Any, made: Any, recorded: Any) -> None:
    """A name alone has the defaults; what is recorded makes an equal config."""
    config = OrchestratorConfig(rebalance=given_as)
    assert config.rebalancer() == made
    assert config.recorded().get("rebalance") == recorded
    assert OrchestratorConfig.model_validate(config.recorded()).rebalancer() == made


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"rebalance": "calender"}, "there is no rebalancer 'calender'; did you mean 'calendar'"),
        ({"rebalance": {"kind": "calendar", "every": "year"}}, "every"),
        ({"rebalance": {"kind": "threshold", "absolute": "0"}}, "absolute"),
        ({"rebalance": {"kind": "inverse_volatility", "lookback": 1}}, "lookback"),
        ({"rebalance": ToTheFirst}, "is no rebalancer; name one"),
        ({"suspend": [{"strategy": "a"}]}, "says not when; give start or end, or a drawdown"),
        ({"suspend": [{"strategy": "a", "start": "2020-02-01", "end": "2020-01-31"}]}, "a start before the end"),
        ({"suspend": [{"strategy": "a", "drawdown": "0.1", "end": "2020-01-31"}]}, "write a table for each"),
        ({"suspend": [{"strategy": "a", "start": "2020-01-31", "days": 3}]}, "has days without a drawdown"),
        ({"suspend": [{"strategy": "a", "start": "soon"}]}, "'soon' is no date"),
    ],
)
def test_what_cannot_be_is_said(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as raised:
        OrchestratorConfig(**settings)
    assert message in "\n".join([str(raised.value), *raised.value.findings])


def test_a_suspension_names_a_strategy_that_there_is() -> None:
    with pytest.raises(ConfigError, match=r"suspend\[0\].strategy: there is no strategy 'b'"):
        StrategyOrchestrator(
            {"a": (Says(), 1)}, config=OrchestratorConfig(suspend=[{"strategy": "b", "start": "2020-01-01"}])
        )


def test_a_run_file_has_both(tmp_path: Path) -> None:
    """`[settings.rebalance]`, `[[settings.suspend]]` with dates as TOML has them; and what is wrong, with its place."""
    head = '[data]\nsource = "sample"\nstart = "2012-01-01"\n[strategies.a]\nuse = "momentum"\nweight = 0.5\n'
    path = tmp_path / "run.toml"
    good = '[settings.rebalance]\nkind = "threshold"\nabsolute = 0.05\n'
    path.write_text(head + good + '[[settings.suspend]]\nstrategy = "a"\nstart = 2012-03-01\nend = 2012-05-31\n')
    result = load_run(path).run()
    assert [f"{one.timestamp:%Y-%m-%d} {one.action}" for one in result.suspensions] == [
        "2012-03-01 suspend",
        "2012-06-01 resume",
    ]
    paths = json.dumps([str(EXAMPLES / "plugins")])
    path.write_text(head + f'[plugins]\npaths = {paths}\n[settings]\nrebalance = "part-way"\n')
    assert load_run(path).orchestrator.config.rebalancer().name == "part-way"
    path.write_text(head + '[settings]\nrebalance = "monthly"\nsuspend = [{ strategy = "c", days = 0 }]\n')
    with pytest.raises(RunFileError) as raised:
        load_run(path)
    found = "\n".join(raised.value.findings)
    assert "settings.rebalance: there is no rebalancer 'monthly'" in found
    assert "settings.suspend[0].days" in found


# ── runs ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_one_of_ones_own_sees_the_members_and_is_on_record() -> None:
    """Members in seat order, with shares, returns and drawdowns net of what moved; the journal names it."""
    own = ToTheFirst()
    seats = {"a": (Says([buy("GLD", fraction=0.5)]), "0.5"), "b": (Says(), "0.25")}
    result = run_of(seats, (100, 100, 120, 60, 60), rebalance=own)
    assert [one.strategy for one in own.seen[0]] == ["a", "b"]
    assert [str(one.share) for one in own.seen[0]] == ["1/2", "1/4"]
    a = [seen[0] for seen in own.seen]
    # 5 lots of 100.00 in 1,000.00. At 120.00 there are 1,600.00, and two thirds stay; what goes is no drawdown.
    assert a[2].returns[-1] == pytest.approx(5 * 20 / 1000, abs=1e-9)
    assert float(a[3].drawdown) == pytest.approx(5 * 60 / (1600 * 2 / 3), abs=1e-6)
    first = result.rebalances[0]
    assert (first.rebalancer, first.version, first.every) == ("to_the_first", "7", "instant")
    assert first.target_micros == (1_000_000_000, 0)
    assert first.pool_target_micros == 500_000_000
    named = [record.event for record in read(result.journal.content) if record.kind == "plugin"]
    assert [(one.role, one.id) for one in named][-1] == ("rebalancer", "to_the_first")
    assert verify(result.journal.content).is_clean


def test_capital_that_moves_is_no_return() -> None:
    """What each earned in the results is what its trades earned, though half of everything changed hands."""
    seats = {"a": (Says([buy("GLD", fraction=1)]), "0.5"), "b": (Says(), "0.5")}
    result = run_of(seats, (100, 100, 150, 150, 300), rebalance={"kind": "threshold", "absolute": "0.05"})
    alone = run_of({"a": (Says([buy("GLD", fraction=1)]), "0.5")}, (100, 100, 150, 150, 300))
    assert len(result.reallocations) >= 2
    assert result.equity_curves["b"].returns.tolist() == [0.0] * 4
    own, other = (one.equity_curves["a"].returns.tolist() for one in (result, alone))
    assert own[:2] == other[:2]
    # From there on it has as much in cash as it was made to sell beyond what was due, which is less than a lot.
    assert own[3] == pytest.approx(other[3], abs=0.12)
    assert result.frames.rebalances["share_target"].to_list() == [0.5] * len(result.frames.rebalances)
    moved = result.frames.reallocations
    assert moved["moved_micros"].sum() == 0
    assert (moved["before_micros"] + moved["moved_micros"] == moved["after_micros"]).all()


def test_what_a_strategy_began_with_is_what_it_was_given() -> None:
    """Capital that moves later changes neither what it began with nor what its costs are held against."""
    seats = {"a": (Says(buy("GLD", fraction=0.9)), "0.5"), "b": (Says(), "0.5")}
    result = run_of(seats, (10, 10, 20, 20, 20), rebalance={"kind": "threshold", "absolute": "0.1"})
    assert result.equity_curves["a"].flow_micros.sum() < 1_000_000_000
    assert [float(one.initial_capital) for one in result.strategy_results.values()] == [1_000, 1_000]
    assert [row.initial for row in summary.rows(result)] == ["1,000", "1,000", "2,000"]
    priced = result.costs()[0]
    assert priced.cost_fraction == priced.cost_micros / 1_000_000_000


def test_a_run_that_does_neither_is_the_run_that_it_was() -> None:
    """Nothing of it in the header, so that the bytes and the run's id stay."""
    plain = TALES["momentum"].run().journal.content
    said = TALES["momentum"]._replace(settings=lambda: {"rebalance": "fixed", "suspend": []}).run().journal.content
    assert plain == said
    header = json.loads(plain.split(b"\n")[0])
    assert [kind for kind in ("rebalance", "reallocation", "suspension") if kind in header["versions"]] == []
    assert {"rebalance", "suspend"} & set(header["config"]["settings"]) == set()


@settings(max_examples=examples(25))
@given(shared_cases())
def test_who_is_suspended_disturbs_nobody(case: Case) -> None:
    """Without limits that all share, the others' decisions and fills are the same; the suspended one opens nothing."""
    case = case.but(rebalance=None, limits={}, policy="independent")
    name = next(iter(case.players))
    alone = case.but(suspends=()).run()
    result = case.but(suspends=({"strategy": name, "start": "2020-01-01"},)).run()
    for kind in ("decisions", "fills", "lapses"):
        others = [[one for one in getattr(run, kind) if one.strategy != name] for run in (alone, result)]
        assert others[0] == others[1]
    assert not any(fill.strategy == name for fill in result.fills)


@settings(max_examples=examples(40))
@given(shared_cases())
def test_capital_is_conserved_and_exits_pass(case: Case) -> None:
    """Moves sum to zero and stay within what is due; who is on paper is granted nothing to open, and may close."""
    result = case.run()
    entries = {entry.number: entry.event for entry in result.record.entries}
    on_paper: dict[str, None] = {}
    due: dict[str, int] = {}
    for number, cause, event in result.record.entries:
        match event:
            case Suspension(action="suspend"):
                on_paper[event.strategy] = None
            case Suspension():
                del on_paper[event.strategy]
            case Rebalance():
                assert event.managed_micros == sum(event.target_micros) + event.pool_target_micros
                due = {
                    name: target - equity
                    for name, equity, target in zip(
                        event.strategies, event.equity_micros, event.target_micros, strict=True
                    )
                }
            case Reallocation():
                assert sum(event.moved_micros) + event.pool_moved_micros == 0
                for name, moved in zip(event.strategies, event.moved_micros, strict=True):
                    assert min(0, due[name]) <= moved <= max(0, due[name])
                    due[name] -= moved
            case Transfer() if cause:
                assert isinstance(entries[cause], Reallocation)
            case Intent() if event.note == NOTE:
                assert isinstance(entries[cause], Rebalance)
                assert event.action == "close"
        if getattr(event, "granted_micros", 0):
            assert event.strategy not in on_paper, number
    for entry in result.record.decisions:
        if entry.event.reason == "suspended":
            assert entry.event.verdict == ("trimmed" if entry.event.close_quantity else "refused")
        if entries[entry.cause].action == "close" and entry.event.close_quantity:
            assert entry.event.verdict == "granted"


# ── journals ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_plugged_rebalancer_is_recorded_and_made_again(tmp_path: Path) -> None:
    """By its name, with its settings; a replay and a counterfactual find it in the plugin folder."""
    planned = load_run(EXAMPLES / "plug_rebalancer.toml")
    feed = planned.feed().select(start="2008-01-01", end="2009-06-30")
    journal = Recording(tmp_path, origins=planned.origins)
    result = planned.orchestrator.run(feed, journal=journal)
    path = result.journal.path
    (told,) = [record.event for record in read(path) if getattr(record.event, "role", "") == "rebalancer"]
    assert (told.use, told.by_name, told.parameters) == ("part-way", True, {"every": "quarter"})
    folder = [EXAMPLES / "plugins"]
    for level in ("decisions", "full"):
        assert replay(path, level=level, plugins=folder).is_identical
    asked = counterfactual(path, {"rebalance.kind": "calendar", "rebalance.every": "week"}, plugins=folder)
    assert {one.rebalancer for one in asked.result.rebalances} == {"calendar"}
    with pytest.raises(JournalError, match="part-way"):
        replay(path, level="full")


def test_an_unfinished_journal_goes_on(tmp_path: Path) -> None:
    """Cut in the middle of a rebalance it is resumed, byte for byte the uninterrupted one."""
    content = TALE.run().journal.content
    lines = content.split(b"\n")
    at = next(n for n, line in enumerate(lines) if b'"k":"reallocation"' in line and b'"c":20' in line) + 1
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "journal.jsonl.part").write_bytes(b"\n".join(lines[:at]) + b"\n")
    again = resume(folder / "journal.jsonl.part", **TALE.again())
    assert Path(again.path).read_bytes() == content


@pytest.mark.parametrize("rebalance", [{"kind": "calendar", "every": "instant"}, None])
def test_what_if_capital_had_been_shared_otherwise(rebalance: Any) -> None:
    """Recorded intents under another rebalancer, or none: its sales come and go, the strategies' intents stay."""
    parent = TALE.run()
    data, config = TALE.data(), TALE.config()
    asked = counterfactual(parent.journal.content, {"rebalance": rebalance}, data=data, config=config)
    plain = TALE._replace(settings=lambda: {**TALE.settings(), "rebalance": rebalance or "fixed"}).run()
    assert asked.result.final_equity == plain.final_equity
    assert [one for one in asked.result.intents if one.note != NOTE] == [
        one for one in parent.intents if one.note != NOTE
    ]
    assert bool(asked.result.rebalances) is (rebalance is not None)
    assert verify(asked.result.journal.content).is_clean


def test_what_if_nobody_had_been_suspended() -> None:
    """The whole table goes; what was refused on paper is judged as anything else."""
    parent = TALE.run()
    asked = counterfactual(parent.journal.content, {"suspend": None}, data=TALE.data(), config=TALE.config())
    assert any(one.reason == "suspended" for one in parent.decisions)
    assert not any(one.reason == "suspended" for one in asked.result.decisions)
    assert not asked.result.suspensions


def findings(kind: type, seat: int, **fields: Any) -> list[str]:
    """What is said against the journal once one event of a kind says something else."""
    rules, found, count = Rules(), [], 0
    for record in read(TALE.run().journal.content):
        event = record.event
        if record.kind in ("header", "data", "plugin"):
            rules.open(event, record.about)
            continue
        if record.kind == "ckpt":
            continue
        if isinstance(event, kind):
            event = msgspec.structs.replace(event, **fields) if count == seat else event
            count += 1
        wrong = rules.see(record.number, record.cause, event)
        found += [wrong] if wrong else []
    return found


@pytest.mark.parametrize(
    ("kind", "seat", "fields", "wrong"),
    [
        (Rebalance, 0, {"rebalancer": "calendar"}, "it is by calendar; the run's rebalancer is drawdown_scaled"),
        (Rebalance, 1, {"pool_micros": 1}, "it finds 1 micros in the pool, where rebalances left 13309561"),
        (Rebalance, 1, {"pool_target_micros": 1}, "more than there is"),
        (Rebalance, 0, {"strategies": ("gold", "oil")}, "it is of gold, oil; the run has gold, oil, idle"),
        (Reallocation, 0, {"pool_moved_micros": 5}, "its moves sum to"),
        (Reallocation, 0, {"moved_micros": (-6756960 - 10**9, -5960890 + 10**9, -591711)}, "are due"),
        (Transfer, 3, {"micros": 5}, "no transfer moved"),
        (Suspension, 0, {"strategy": "nobody"}, "there is no strategy 'nobody'"),
        (Suspension, 0, {"action": "resume"}, "gold is not suspended"),
        (Suspension, 0, {"strategy": "idle"}, "its reason is suspended, and gold is not"),
        (Suspension, 2, {"action": "suspend"}, "oil is suspended already"),
        (Decision, 0, {"reason": "suspended"}, "its reason is suspended, and gold is not"),
    ],
)
def test_what_cannot_be_is_found(kind: type, seat: int, fields: dict[str, Any], wrong: str) -> None:
    """Whose rebalance, how much there is, what is due, what moved, who was on paper."""
    assert any(wrong in one for one in findings(kind, seat, **fields)), findings(kind, seat, **fields)


def test_nothing_is_found_against_what_happened() -> None:
    assert findings(Rebalance, 99) == []


STORIES = [
    (Rebalance, 1, "capital was to be shared anew by drawdown_scaled, which is asked at every instant"),
    (Rebalance, 1, "oil was worth 2,736.77, 31.17% of all: it is to have 19.01% and has 1,067.43 to give"),
    (Rebalance, 1, "the pool holds 13.31, 0.15% of all: it is to have 14.32% and is due 1,244.13"),
    (
        Reallocation,
        1,
        "of the rebalance could be paid now: 52.85 of gold, 304.77 of oil and 48.22 of idle went, 405.84",
    ),
    (Reallocation, 1, "oil was worth 2,736.77 before and 2,432.00 after"),
    (Suspension, 1, "its equity of 2,736.77 was 8.59% below its highest, 2,994.04"),
    (Suspension, 2, "oil was suspended no longer: its drawdown had ended"),
]


@pytest.mark.parametrize(("kind", "seat", "told"), STORIES)
def test_a_story_is_told_in_plain_words(kind: type, seat: int, told: str) -> None:
    content = TALE.run().journal.content
    number = [record.number for record in read(content) if isinstance(record.event, kind)][seat]
    assert told in str(explain(content, number=number))


def test_a_suspended_intent_and_a_sale_have_their_story() -> None:
    """From the decision back to the suspension, and from the fill back to the rebalance; and why nothing happened."""
    result = TALE.run()
    content = result.journal.content
    (refused, *_) = [entry.number for entry in result.record.decisions if entry.event.reason == "suspended"]
    told = str(explain(content, decision=refused))
    assert "gold was suspended by schedule" in told
    assert "it goes on thinking on paper: what it wants to open is recorded and refused, what closes passes" in told
    assert "it asked for 57.00 of capital and was granted 0.00" in told
    notes = {entry.number: entry.event.note for entry in result.record.intents}
    asked = {entry.number: entry.cause for entry in result.record.decisions}
    sale = next(entry.number for entry in result.record.fills if notes[asked[entry.cause]] == NOTE)
    told = str(explain(content, fill=sale))
    assert "gold was made to close 1 GLD, for rebalance" in told
    assert "its cash did not cover what it was to give" in told
    told = str(explain(content, strategy="gold", symbol="OIL", at="2020-01-04"))
    assert "gold was suspended by schedule" in told


# ── what people see ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_terminal_says_what_moved_and_who_was_on_paper() -> None:
    """How often, by whom, how much; the last shares before and after; and when each strategy was suspended."""
    told = [*capital(TALE.run())]
    assert told[0] == "5 rebalances by drawdown_scaled, asked at every instant: 3,091.00 moved"
    assert told[1].startswith("the last, 2020-01-07: gold 38.2% → 38.2%, oil ")
    assert told[2] == "gold suspended 2020-01-03 to 2020-01-07 by schedule: 3 of its intents were kept on paper"
    assert [*capital(TALES["everything"].run())] == []


def test_the_log_says_it_too(tmp_path: Path) -> None:
    """A line for each rebalance, and for each suspension and its end."""
    TALE._replace(settings=lambda: {**TALE.settings(), "log_directory": str(tmp_path)}).run()
    (file,) = tmp_path.iterdir()
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    first = next(line for line in lines if line["event"] == "orchestrator.rebalance")
    assert first["target"]["gold"] == "3991.849140"
    said = [(line["event"], line["strategy"], line["by"]) for line in lines if "by" in line]
    assert said[:3] == [
        ("orchestrator.strategy_suspended", "gold", "schedule"),
        ("orchestrator.strategy_suspended", "oil", "drawdown"),
        ("orchestrator.strategy_resumed", "oil", "drawdown"),
    ]


@pytest.mark.usefixtures("warm_interpreter")
def test_the_suite_checks_rebalancers() -> None:
    """One that answers with floats is told so, before anybody uses it."""
    good = check_rebalancer("part-way", plugins=[EXAMPLES / "plugins"])
    assert good.is_passed, str(good)
    bad = check_rebalancer(Floats)
    assert not bad.is_passed
    assert "a float; shares are exact" in str(bad)


class Floats:
    name = "floats"
    every = "week"

    def targets(self, members: Any) -> Any:
        return {one.strategy: 0.1 for one in members}
