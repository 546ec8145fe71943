"""Any record of a run can be asked about, and so can a silence; the answer is the chain, in words and as data."""

from __future__ import annotations

import json
import shutil
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, get_args

import pytest

from ropewalk import (
    Bar,
    BuyAndHold,
    JournalError,
    OrchestratorConfig,
    Outcome,
    Strategy,
    StrategyOrchestrator,
    buy,
    close,
    feed_of,
    sample_feed,
    sell,
    target,
)
from ropewalk.events import FaultAction, RunStatus, Split
from ropewalk.journal import read
from ropewalk.journal.explain import explain
from ropewalk.journal.words import ENDS, FAULTS, LAPSES, REASONS
from ropewalk.reasons import LapseReason, Reason

DAY_US = 86_400_000_000
FIRST_US = 1_577_836_800_000_000  # 2020-01-01


class Scripted(Strategy):
    """Wants what its script says at each day of one symbol."""

    def __init__(self, script: dict[int, Any]) -> None:
        self.script = script

    def on_bar(self, bar: Bar, view: Any) -> Any:
        wanted = self.script.get((bar.at_us - FIRST_US) // DAY_US)
        if wanted == "raise":
            raise RuntimeError("out of rope")
        return [one for one in wanted or [] if one.symbol == bar.symbol]


class Half:
    """Allows half of what opens."""

    name = "half"

    def settle(self, wishes: Any) -> Any:
        return [Outcome(wish.asked_micros // 2, wish.close_lots) for wish in wishes]


def bars(symbol: str, closes: list[float], *, skip: tuple[int, ...] = ()) -> list[Bar]:
    return [
        Bar(symbol, FIRST_US + day * DAY_US, close - 1, close + 1, close - 2, close)
        for day, close in enumerate(closes)
        if day not in skip
    ]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten days: entries, a conflict, exits, refusals, an order that lapses, and a strategy that breaks."""
    rising = [100.0, 110.0, 120.0, 130.0, 140.0, 150.0, 160.0, 170.0, 180.0, 190.0]
    data = {"GLD": bars("GLD", rising), "OIL": bars("OIL", rising, skip=(4, 9))}
    strategies = {
        "trend": (
            Scripted({0: [buy("GLD", quantity=4, note="up")], 3: [close("GLD")], 8: [buy("OIL", quantity=1)]}),
            "0.5",
        ),
        "value": (Scripted({0: [sell("GLD", notional=300)], 1: [buy("GLD", fraction=3)], 2: [close("OIL")]}), "0.3"),
        "broken": (Scripted({1: [target("GLD", fraction=0)], 5: "raise"}), "0.1", ["GLD"]),
    }
    config = OrchestratorConfig(
        conflict_policy=Half(),
        on_strategy_error="suspend",
        commission={"kind": "fixed", "amount": 1},
        slippage={"kind": "fixed", "amount": "0.5"},
    )
    folder = tmp_path_factory.mktemp("runs")
    result = StrategyOrchestrator(strategies, 10_000, config).run(feed_of(data), journal=folder)
    return result.journal.path.parent


def numbers(run: Path, kind: str, **fields: Any) -> list[int]:
    return [
        one.number
        for one in read(run)
        if one.kind == kind and all(getattr(one.event, name) == value for name, value in fields.items())
    ]


def test_a_fill_is_told_from_its_bar_to_its_posting(run: Path) -> None:
    """Bar, intent, conflict, limits, decision, fill and posting, in this order, with amounts."""
    (fill, _) = numbers(run, "fill", strategy="trend", symbol="GLD")
    story = explain(run, fill=fill)
    assert [(one.part, one.kind) for one in story.passages] == [
        ("cause", "bar"),
        ("cause", "intent"),
        ("cause", "conflict"),
        ("cause", "decision"),
        ("cause", "bar"),
        ("event", "fill"),
        ("event", "posting"),
        ("outcome", "fill"),
        ("outcome", "posting"),
    ]
    told = str(story)
    for said in (
        "GLD opened at 99.0, high 101.0, low 98.0, closed at 100.0",
        "trend wanted to buy 4 GLD, noting 'up'",
        "trend and value wanted GLD at once, on both sides: opposed, settled by half",
        "trend, to buy, was allowed 200.00 of 400.00",
        "trend: trimmed, since the conflict policy allowed less than was asked",
        "it asked for 400.00 of capital and was granted 200.00",
        "its limit of capital was 5,000.00: 0.00 used or reserved before this, 210.00 after",
        "210.00 is reserved, so that a gap or fees do not cost it a lot",
        "trend bought 1 GLD at 109.50, 109.50 in all",
        "the open of the bar of 2020-01-02 was 109.00; slippage made it 0.50 worse",
        "it cost 0.50 of slippage and 1.00 commission",
        "the book of trend: cash 5,000.00 → 4,889.50",
        "no GLD → 1 GLD that cost 109.50",
        "1 GLD held since fill",
        "were closed: +29.00 realised, before fees",
        "the round trip is over: +29.00 less 2.00 of commissions is +27.00",
    ):
        assert said in told


def test_an_exit_names_the_entry(run: Path) -> None:
    """What closes says since when it was held; nothing follows from it."""
    entry, exit_ = numbers(run, "fill", strategy="trend", symbol="GLD")
    story = explain(run, number=exit_)
    assert f"1 GLD held since fill {entry} of 2020-01-02 were closed" in str(story)
    assert not [one for one in story.passages if one.part == "outcome"]


@pytest.mark.parametrize(
    ("asked", "kind"), [("fill", "fill"), ("intent", "intent"), ("decision", "decision"), ("number", "conflict")]
)
def test_every_record_of_a_kind_has_a_story(run: Path, asked: str, kind: str) -> None:
    for number in numbers(run, kind):
        assert explain(run, **{asked: number}).title.startswith(f"{kind} {number} of 2020-01-")


def test_any_number_has_a_story(run: Path) -> None:
    """Steps, transfers, faults, lapses, header and footer, too; each is what JSON can hold."""
    found = {}
    for record in read(run):
        if record.kind in ("data", "plugin", "ckpt"):
            continue
        story = explain(run, number=record.number)
        told = json.loads(json.dumps(story.to_dict(), allow_nan=False))
        assert (told["exit_code"], told["run"]) == (0, run.name)
        assert next(one["number"] for one in told["passages"] if one["part"] == "event") == record.number
        found[record.kind] = str(story)
    assert "the run began with 10,000.00: trend gets 5,000.00" in found["header"]
    assert "the pool keeps 1,000.00" in found["header"]
    assert "went from the pool to broken" in found["transfer"]
    assert "cash of broken: 0.00 → 1,000.00" in found["transfer"]
    assert "the instant had" in found["step"]
    assert "broken raised in on_bar on GLD: RuntimeError: out of rope" in found["fault"]
    assert "the strategy was suspended" in found["fault"]
    assert "trend for OIL ended unfilled: no further bar of the symbol came" in found["lapse"]
    assert "the data ended" in found["data_ended"]
    assert "the run went to the end of its data" in found["footer"]
    assert "value had 3,000.00 of cash" not in found["footer"]


def test_corporate_actions_are_told(tmp_path: Path) -> None:
    """A split and a dividend, and what they did to a position."""
    feed = sample_feed("AAPL", start="2005-01-01", end="2012-12-31", adjusted=False, actions=True)
    result = StrategyOrchestrator({"hold": (BuyAndHold(), 1)}).run(feed, journal=tmp_path)
    path = result.journal.path
    told = {kind: str(explain(path, number=numbers(path, kind)[0])) for kind in ("split", "dividend", "adjustment")}
    assert "AAPL was split, 2 for 1" in told["split"]
    assert "the split made 3,134 AAPL of the 1,567 AAPL of hold" in told["split"]
    assert "how it came about" not in told["split"]
    assert "AAPL was split" in told["adjustment"]
    assert "AAPL paid 2.65 a share" in told["dividend"]
    assert "hold received 8,305.10 on 3,134 AAPL" in told["dividend"]


class Eager(Strategy):
    """Wants more of it whenever something is filled, a few times; then out."""

    def on_bar(self, bar: Any, view: Any) -> Any:
        held = view.quantity(bar.symbol)
        return close(bar.symbol) if held >= 12 else buy(bar.symbol, quantity=1) if not held else None

    def on_fill(self, fill: Any, view: Any) -> Any:
        return buy(fill.symbol, quantity=1) if 0 < view.quantity(fill.symbol) < 12 and fill.quantity > 0 else None


def test_a_split_through_which_an_order_rested_is_told(tmp_path: Path) -> None:
    """Between its decision and its fill, which counts in new shares; of orders that did not rest then it is not."""
    data = feed_of([*bars("GLD", [20.0, 10.0, 10.0]), *bars("OIL", [20.0, 20.0, 20.0])])
    data = data.with_actions([Split(FIRST_US + DAY_US, "GLD", 2, 1)])
    script = {0: [buy("GLD", quantity=5), buy("OIL", quantity=5)], 1: [buy("GLD", quantity=1)]}
    result = StrategyOrchestrator({"one": (Scripted(script), 1)}, 10_000).run(data, journal=tmp_path)
    rested, other, later = [explain(result.journal.path, number=one.number) for one in result.record.fills]
    assert [one.kind for one in rested.passages][:5] == ["bar", "intent", "decision", "split", "bar"]
    assert "one bought 10 GLD at 9.00, 90.00 in all" in str(rested)
    assert "the order rested through a split: from then on what was left of it counts in new shares" in str(rested)
    for one in (other, later):
        assert "split" not in [passage.kind for passage in one.passages if passage.part == "cause"]


def test_a_long_chain_is_cut_and_counted(tmp_path: Path) -> None:
    """What was wanted because of a fill has it as a cause; a position of many fills is told in part."""
    data = {"GLD": bars("GLD", [100.0] * 30)}
    path = StrategyOrchestrator({"one": (Eager(), 1)}).run(feed_of(data), journal=tmp_path).journal.path
    fills = numbers(path, "fill")
    first = explain(path, fill=fills[0])
    assert "6 later fills belong to the same position" in first.notes[0]
    second = explain(path, fill=fills[1])
    assert ("cause", "fill", fills[0]) in [(one.part, one.kind, one.number) for one in second.passages]
    assert explain(path, number=fills[-1])


def test_a_journal_that_ends_early_says_what_is_not_known(run: Path) -> None:
    """An intent whose decision was not written, and one that is all there was."""
    lines = (run / "journal.jsonl").read_bytes().splitlines(keepends=True)
    intent = next(place for place, line in enumerate(lines) if b'"k":"intent"' in line)
    cut = b"".join(lines[: intent + 1])
    assert "(its decision is not in this journal)" in silent(cut, "trend", "GLD", "2020-01-01")
    assert "the journal ends before its decision" in silent(cut, "trend", "GLD", "2020-01-01")
    assert "the journal is not finished, and got as far as 2020-01-01" in silent(cut, "value", "OIL", "2020-01-05")


def test_several_wishes_of_a_day_are_counted(tmp_path: Path) -> None:
    data = {"GLD": bars("GLD", [100.0] * 4)}
    script = {1: [buy("GLD", quantity=1), buy("GLD", quantity=2)]}
    path = StrategyOrchestrator({"one": (Scripted(script), 1)}).run(feed_of(data), journal=tmp_path).journal.path
    assert "it wanted something, 2 intents" in silent(path, "one", "GLD", "2020-01-02")


# ── why nothing ───────────────────────────────────────────────────────────────────────────────────


def silent(run: Path | bytes, strategy: str, symbol: str, at: Any) -> str:
    return str(explain(run, strategy=strategy, symbol=symbol, at=at))


def test_who_wanted_nothing_was_asked(run: Path) -> None:
    """The bar, what was held, and the intents before and after."""
    told = silent(run, "trend", "GLD", "2020-01-03")
    assert told.startswith("trend and GLD on 2020-01-03: it was asked and wanted nothing\n")
    assert "GLD opened at 119.0, high 121.0, low 118.0, closed at 120.0" in told
    assert "it held 1 GLD that cost 109.50, and had 4,889.50 of cash, 0.00 reserved" in told
    assert "its last intent on GLD: trend wanted to buy 4 GLD, noting 'up' (trimmed, filled as " in told
    assert "its next intent on GLD: trend wanted to close all of its GLD (granted, filled as " in told


def test_a_day_without_a_bar_is_said(run: Path) -> None:
    told = silent(run, "trend", "OIL", date(2020, 1, 5))
    assert "there was no bar of OIL" in told
    assert "the one before is of 2020-01-04" in told
    assert "the one after is of 2020-01-06" in told


def test_a_symbol_of_another_seat_is_said(run: Path) -> None:
    told = silent(run, "broken", "OIL", "2020-01-03")
    assert "it is not shown that symbol" in told
    assert "broken is shown GLD" in told
    assert "it never wanted anything of OIL" in told


def test_a_suspended_strategy_is_not_asked(run: Path) -> None:
    told = silent(run, "broken", "GLD", "2020-01-08")
    assert "broken and GLD on 2020-01-08: it had been suspended since 2020-01-06" in told
    assert "RuntimeError: out of rope" in told


def test_a_refusal_gives_its_reason(run: Path) -> None:
    """What was wanted is told with its fate and the reason in words."""
    assert "(refused, since there was nothing left to close)" in silent(run, "value", "OIL", "2020-01-03")
    assert "the target was held already" in silent(run, "broken", "GLD", "2020-01-02")


def test_what_rested_is_told_with_its_end(run: Path) -> None:
    """An order from before that fills, or lapses, on the day that is asked about."""
    told = silent(run, "trend", "GLD", "2020-01-02")
    assert "it wanted nothing new; what it had wanted before came to its end, 1 fill" in told
    assert "trend bought 1 GLD at 109.50" in told
    assert "ended unfilled: no further bar of the symbol came" in silent(run, "trend", "OIL", "2020-01-10")


def test_a_moment_is_a_moment_and_a_day_a_day(run: Path) -> None:
    """Aware and naive datetimes are read; a time alone needs data of one day."""
    assert "on 2020-01-01: it wanted to buy 4 GLD" in silent(run, "trend", "GLD", datetime(2020, 1, 1))
    assert "on 2020-01-01: it wanted to buy 4 GLD" in silent(run, "trend", "GLD", "2020-01-01T01:00+01:00")
    assert "there was no bar of GLD" in silent(run, "trend", "GLD", "2020-01-01T12:00")
    with pytest.raises(JournalError, match="is a time without a date"):
        silent(run, "trend", "GLD", "14:30")


def test_a_time_alone_is_enough_within_one_day(tmp_path: Path) -> None:
    hours = [Bar("GLD", FIRST_US + hour * 3_600_000_000, 100, 101, 99, 100) for hour in range(5)]
    result = StrategyOrchestrator({"one": (Scripted({}), 1)}).run(feed_of({"GLD": hours}), journal=tmp_path)
    assert "one and GLD on 2020-01-01 03:00: it was asked and" in silent(result.journal.path, "one", "GLD", time(3))
    assert "on 2020-01-01 03:30: there was no bar of GLD" in silent(result.journal.path, "one", "GLD", "03:30")
    assert "it had 5 bars, the last, of 2020-01-01 04:00" in silent(result.journal.path, "one", "GLD", "2020-01-01")


# ── what cannot be explained ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "asked to explain nothing; give one of fill, intent, decision and number, or strategy, symbol and at"),
        ({"fill": 1, "intent": 2}, "asked to explain fill, intent"),
        ({"fill": 1, "symbol": "GLD"}, "asked to explain fill, symbol"),
        ({"strategy": "trend", "symbol": "GLD"}, "asked to explain strategy, symbol"),
        ({"number": 999}, r"there is no number 999: .* has 0 to \d+$"),
        ({"number": -1}, "there is no number -1"),
        ({"strategy": "trent", "symbol": "GLD", "at": "2020-01-03"}, "no strategy 'trent'; did you mean 'trend'?"),
        ({"strategy": "trend", "symbol": "GDL", "at": "2020-01-03"}, "no symbol 'GDL'; did you mean 'GLD'?"),
        (
            {"strategy": "trend", "symbol": "GLD", "at": "2019-12-31"},
            "outside the data of this run, 2020-01-01 to 2020-01-10",
        ),
        ({"strategy": "trend", "symbol": "GLD", "at": "soon"}, "at 'soon' is no date"),
        ({"strategy": "trend", "symbol": "GLD", "at": "1:2:3:4"}, "at '1:2:3:4' is no time"),
    ],
)
def test_what_is_not_there_is_said_with_what_is(run: Path, asked: dict[str, Any], said: str) -> None:
    with pytest.raises(JournalError, match=said.replace("?", r"\?") if "(" not in said else said):
        explain(run, **asked)


def test_a_number_of_another_kind_leads_to_the_right_one(run: Path) -> None:
    """`--fill` with a decision's number offers its fill, else the nearest."""
    fill = numbers(run, "fill")[0]
    decision = next(one.cause for one in read(run) if one.number == fill)
    with pytest.raises(JournalError, match=f"number {decision} is a decision, not a fill; did you mean {fill}"):
        explain(run, fill=decision)
    with pytest.raises(JournalError, match=r"number 1 is a transfer, not an intent; the nearest intent is \d+"):
        explain(run, intent=1)


def test_without_bars_the_rest_is_told(run: Path, tmp_path: Path) -> None:
    """A journal in memory, and one whose data were not kept, say so and tell what they know."""
    (fill, _) = numbers(run, "fill", strategy="trend", symbol="GLD")
    content = (run / "journal.jsonl").read_bytes()
    in_memory = explain(content, fill=fill)
    assert "trend bought 1 GLD at 109.50" in str(in_memory)
    assert "rows 0 to 1 of the data: prices cannot be shown" in str(in_memory)
    assert in_memory.notes == ("a journal in memory has no bars beside it",)
    shutil.copy(run / "journal.jsonl", tmp_path)
    assert "the bars are not beside the journal" in str(explain(tmp_path, fill=fill))
    assert "it wanted nothing, if it was asked" in silent(tmp_path, "trend", "GLD", "2020-01-03")


def test_a_damaged_journal_is_told_up_to_the_damage(run: Path) -> None:
    """What can be believed is explained, and the damage is a note."""
    lines = (run / "journal.jsonl").read_bytes().splitlines(keepends=True)
    whole = len(lines) - 5
    torn = b"".join(lines[:whole]) + lines[whole][:20]
    first = numbers(run, "fill")[0]
    assert f"line {whole + 1}" in explain(torn, fill=first).notes[-1]
    with pytest.raises(JournalError, match=f"line {whole + 1}"):
        explain(torn, number=numbers(run, "footer")[0])


def test_a_run_that_was_stopped_says_how_far_it_got(tmp_path: Path) -> None:
    asked = iter([False] * 3 + [True] * 9)
    data = {"GLD": bars("GLD", [100.0] * 9)}
    one = StrategyOrchestrator({"one": (Scripted({2: [buy("GLD", quantity=1)]}), 1)})
    result = one.run(feed_of(data), journal=tmp_path, should_stop=lambda: next(asked))
    path = result.journal.path
    assert "the run had ended before" in silent(path, "one", "GLD", "2020-01-08")
    assert "the run was stopped between two instants, and got as far as 2020-01-03" in silent(
        path, "one", "GLD", "2020-01-08"
    )
    assert "it still rested where the journal ends" in str(explain(path, decision=numbers(path, "decision")[0]))


def test_a_lot_that_is_no_share_is_named(tmp_path: Path) -> None:
    config = OrchestratorConfig(instruments={"BTC": {"lot": "0.5"}})
    data = {"BTC": bars("BTC", [100.0, 110.0])}
    one = StrategyOrchestrator({"one": (Scripted({0: [buy("BTC", quantity=2)]}), 1)}, 10_000, config)
    told = str(explain(one.run(feed_of(data), journal=tmp_path).journal.path, fill=6))
    assert "one bought 3 lots of 0.5 BTC at 54.50, 163.50 in all" in told
    assert "the open of the bar of 2020-01-02 was 54.50 a lot" in told


@pytest.mark.parametrize(
    ("table", "words"), [(REASONS, Reason), (LAPSES, LapseReason), (FAULTS, FaultAction), (ENDS, RunStatus)]
)
def test_every_reason_has_a_sentence(table: dict[str, str], words: Any) -> None:
    assert list(table) == list(get_args(words))
