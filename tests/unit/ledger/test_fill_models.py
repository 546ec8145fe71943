"""Fill models: what they are shown, what they may answer, and that the books and the record know of parts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from zlib import crc32

import msgspec
import pytest
from hypothesis import Phase, given, settings

from examples import examples
from generators import START_US, Case, Player, partial_cases
from ropewalk import Bar, ConfigError, FillModel, LedgerError, OpenOrder, OrchestratorConfig, PluginError
from ropewalk.journal import Recording, counterfactual, explain, regret, replay, verify
from ropewalk.journal.reader import lines_of
from ropewalk.recording.recording import Recording as Recorded

DAY = 86_400_000_000
ROWS = tuple((START_US + day * DAY, 10.0 + day, 12.0 + day, 9.0 + day, 11.0 + day) for day in range(6))
BUYS = ((("AAA", "buy", "quantity", 8),),)


def case_of(*wants: Any, volumes: Any = (100.0,) * 6, **named: Any) -> Case:
    players = {f"s{seat}": Player("script", weight="0.5", wants=one) for seat, one in enumerate(wants)}
    return Case(bars={"AAA": ROWS}, players=players, capital="2000", volumes={"AAA": volumes}, **named)


class Keeps:
    """Keeps what it was asked, and answers with a function of the order."""

    rest = "stays"

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.asked: list[tuple[OpenOrder, Bar]] = []

    def fill(self, order: OpenOrder, bar: Bar) -> Any:
        self.asked.append((order, bar))
        return self.answer(order) if callable(self.answer) else self.answer


def whole(order: OpenOrder) -> tuple[int, int]:
    return order.lots, order.reference_micros


def test_a_model_is_shown_one_order_and_this_bar() -> None:
    """The next bar of the symbol, the price that orders start from, and what of the volume is taken."""
    model = Keeps(lambda order: (min(order.lots, 3), order.reference_micros))
    result = case_of(BUYS, BUYS).run(fill_model=model)
    assert isinstance(model, FillModel)
    (first, bar), (second, _), *_ = model.asked
    assert (bar.at_us, bar.open) == (START_US + DAY, 11.0)
    assert first == OpenOrder("s0", "AAA", 1, 8, 11_000_000, 10_000_000, 13_000_000, 100, 0, START_US)
    assert (second.strategy, second.lots, second.taken_lots) == ("s1", 8, 3)
    # The reserve of 8 lots at 11.00 and five percent has 2.40 left after three at 11, three at 12 and two at 13.
    assert [(fill.quantity, fill.remaining_quantity) for fill in result.fills if fill.strategy == "s0"][:2] == [
        (3, 5),
        (3, 1),
    ]


def test_a_bar_fills_nothing_without_its_model() -> None:
    """None keeps the order; it lapses with the data, and its reserve comes back."""
    result = case_of(BUYS).run(fill_model=Keeps(None))
    assert (len(result.fills), [one.reason for one in result.lapses]) == (0, ["end_of_data"])
    assert result.lapses[0].released_micros == result.decisions[0].reserved_micros


def test_a_model_may_price_within_the_bar() -> None:
    """Slippage comes on top; the reserve bounds what that buys."""
    model = Keeps(lambda order: (order.lots, order.high_micros))
    fill, *_ = case_of(((("AAA", "buy", "notional", 88),),), slippage=("per_share", "0.5")).run(fill_model=model).fills
    assert (fill.quantity, fill.price_micros, fill.slippage_micros) == (6, 13_500_000, 3_000_000)


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        ((9, 11_000_000), LedgerError, "fill model Keeps fills 9 of 8 lots of AAA"),
        ((-1, 11_000_000), LedgerError, "fills -1 of 8 lots"),
        ((1, 9_999_999), LedgerError, r"fills AAA at 9999999 micros, outside \[10000000, 13000000\]"),
        ((1, 13_000_001), LedgerError, "outside"),
        ((1, 11.0), PluginError, r"answered \(1, 11.0\); return whole lots"),
        ((True, 11_000_000), PluginError, "return whole lots"),
        ([1, 11_000_000], PluginError, "return whole lots"),
        (5, PluginError, "return whole lots"),
        (lambda order: order.nothing, PluginError, "asked about AAA, raised AttributeError"),
    ],
)
def test_an_answer_that_may_not_be_stops_the_run(answer: Any, error: type, said: str) -> None:
    """Neither more lots than were granted, nor a price that nobody paid."""
    with pytest.raises(error, match=said):
        case_of(BUYS).run(fill_model=Keeps(answer))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (Keeps, "fill_model: .* — expected a table with its kind"),
        (3, "fill_model: 3 — expected a table with its kind"),
        ({"kind": "volume_shar", "share": "0.1"}, "did you mean 'volume_share'"),
        ({"kind": "volume_share"}, "fill_model.share: is missing"),
        ({"kind": "volume_share", "share": "0"}, "fill_model.share: '0' — expected a number > 0"),
        ({"kind": "volume_share", "share": "1.1"}, "fill_model.share: '1.1' — expected a number ≤ 1"),
        ({"kind": "volume_share", "share": 0.1}, "0.1 is a float"),
        ({"kind": "volume_share", "share": "0.1", "rest": "waits"}, "'waits' — expected 'stays' or 'lapses'"),
        (replace, "fill_model"),
    ],
)
def test_what_is_no_fill_model_is_refused_when_it_is_set(given: Any, said: str) -> None:
    """With the path of the key."""
    with pytest.raises(ConfigError, match=said):
        OrchestratorConfig(fill_model=given)


def test_a_rest_that_is_no_word_is_refused() -> None:
    model = Keeps(None)
    model.rest = "waits"
    with pytest.raises(ConfigError, match=r"Keeps\.rest is 'waits'; 'stays' or 'lapses'"):
        OrchestratorConfig(fill_model=model)


def test_bars_without_volume_cannot_be_shared() -> None:
    """Else no order would ever fill, and nobody would know why."""
    with pytest.raises(ConfigError, match="fill_model: the bars of AAA have no volume"):
        case_of(BUYS, volumes=(0.0,) * 6).run(fill_model={"kind": "volume_share", "share": "1"})


@settings(max_examples=examples(60), phases=[Phase.explicit, Phase.generate])
@given(partial_cases())
def test_a_model_that_fills_everything_is_no_model(case: Case) -> None:
    """Every event but the order in which orders of one instant fill at its close is the same."""
    case = case.but(fill_model=None, policy="independent", fill_at="next_open", close_at_end=False)
    mine, plain = case.run(fill_model=Keeps(whole)), case.run()
    assert [entry.event for entry in mine.record.entries] == [entry.event for entry in plain.record.entries]


@settings(max_examples=examples(40), phases=[Phase.explicit, Phase.generate])
@given(partial_cases())
def test_every_journal_of_parts_is_sound_and_replays(case: Case) -> None:
    """Verified from its lines alone, replayed from its bars, and asked what if without changing anything."""
    orchestrator = case.orchestrator()
    data = case.data()
    content = orchestrator.run(data, journal=Recording(mode="memory")).journal.content
    assert verify(content).findings == ()
    own = case.limits.get("own")
    config = case.config() if own else None
    assert replay(content, level="state", data=data).wrong == ""
    assert replay(content, level="decisions", data=data, config=config).difference is None
    if all(player.kind == "script" for player in case.players.values()):
        assert counterfactual(content, data=data, config=case.config() if own else None).is_identical


def recorded(**named: Any) -> bytes:
    case = case_of(BUYS, volumes=(10.0,) * 6, **named)
    content: bytes = case.orchestrator().run(case.data(), journal=Recorded(mode="memory")).journal.content
    return content


SHARE = {"kind": "volume_share", "share": "0.3"}


def test_the_settings_are_on_record_only_where_there_are_any() -> None:
    """Orders that fill whole are the run that it was before there were models."""
    first = msgspec.json.decode(recorded().splitlines()[0])
    assert "fill_model" not in first["config"]["settings"]
    assert msgspec.json.decode(recorded(fill_model={"kind": "whole"}).splitlines()[0])["run"] == first["run"]
    told = msgspec.json.decode(recorded(fill_model=SHARE).splitlines()[0])["config"]["settings"]["fill_model"]
    assert told == {"kind": "volume_share", "share": "0.3", "rest": "stays"}


def test_what_it_was_like_without_the_model() -> None:
    """A counterfactual lets orders fill whole, or by another share; regret says that its shadows do."""
    content, data = recorded(fill_model=SHARE), case_of(volumes=(10.0,) * 6).data()
    whole = counterfactual(content, {"fill_model": {"kind": "whole"}}, data=data)
    assert [fill.quantity for fill in whole.result.fills] == [8]
    found = counterfactual(content, {"fill_model.share": "0.5", "fill_model.rest": "lapses"}, data=data)
    assert [fill.quantity for fill in found.result.fills] == [5]
    assert [one.reason for one in found.result.lapses] == ["unfilled"]
    assert "though the run's orders fill by a model" in regret(content, data=data).assumptions[-1]


def test_parts_are_explained() -> None:
    """What was left at the price of the fill, and why an order ended."""
    content = recorded(fill_model={**SHARE, "rest": "lapses"})
    numbers = {one[4][1]: one[4][0] for one in lines_of(content) if one[4][1] in ("fill", "lapse")}
    told = str(explain(content, number=numbers["fill"]))
    assert "of the order 5 AAA were left, at this price" in told
    assert "its bar did not fill it, and what a bar leaves is let go" in str(explain(content, number=numbers["lapse"]))


def forged(content: bytes, was: bytes, becomes: bytes) -> bytes:
    """The journal with another text in it, and the checksums that a careful forger would give its lines."""
    assert content.count(was) == 1
    lines, before = content.replace(was, becomes).split(b"\n")[:-1], 0
    for place, line in enumerate(lines):
        before = crc32(line[:-16], before)
        lines[place] = b'%b,"x":"%08x"}' % (line[:-16], before)
    return b"\n".join([*lines, b""])


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        (b'"released":33000000', b'"released":34000000', "it gives back 34000000 micros, 33000000 are due of 92400000"),
        (b'"remaining":5', b'"remaining":-5', "-5 lots remain, the grant is for side 1"),
        (b',"remaining":1,', b",", "it gives back 36000000 micros, 59400000 are due of 59400000 reserved"),
        (b'"quantity":1,', b'"quantity":2,', "it opens 2 lots at 13000000, more than the 23400000 micros granted"),
        (b'"kind":"volume_share"', b'"kind":"volume_shard"', "the header's digest is not that of its configuration"),
    ],
)
def test_a_part_that_cannot_be_is_found(was: bytes, becomes: bytes, said: str) -> None:
    """By the rules between lines, whoever wrote them."""
    found = verify(forged(recorded(fill_model=SHARE), was, becomes)).findings
    assert said in next(one.text for one in found if one.rule == "cross")


def test_without_a_model_nothing_but_a_cross_leaves_a_rest() -> None:
    """The rules of runs whose orders fill whole are as strict as they were."""
    content = forged(recorded(), b'"released":92400000', b'"released":0,"remaining":3')
    assert any("only the policy net does" in one.text for one in verify(content).findings)
