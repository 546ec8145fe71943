"""What strategies say becomes an intent: exact where it is usable, refused on record where it is not."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from generators import START_US, Case
from ropewalk import OrchestratorConfig, Strategy, StrategyError, StrategyOrchestrator, buy, close, sell, target
from ropewalk.strategies.examples import MeanReversion, Momentum, MomentumSignals
from ropewalk.strategies.signals import amounts_of
from ropewalk.strategies.view import private_random
from ropewalk.strategies.voice import exact_number

ROWS = tuple((START_US + step, *[100.0] * 4) for step in range(3))
DATA = Case(bars={"AAA": ROWS}, players={}).data()


class Says(Strategy):
    def __init__(self, want: Any) -> None:
        self.want = want

    def on_turn(self, view: Any) -> Any:
        return self.want if len(view.history("AAA")) == 1 else None


def intent_for(want: Any, **config: Any) -> tuple[Any, Any]:
    result = StrategyOrchestrator([(Says(want), 1)], 1000, OrchestratorConfig(**config)).run(DATA)
    return result.intents[0], result.decisions[0]


@pytest.mark.parametrize(
    ("want", "unit", "amount"),
    [
        (buy("AAA", quantity=3), "quantity", 3),
        (buy("AAA", quantity=np.int64(3)), "quantity", 3),
        (buy("AAA", quantity=3.0), "quantity", 3),
        (sell("AAA", notional=Decimal("12.3456789")), "notional", 12_345_678),
        (buy("AAA", fraction=0.3), "fraction", 300_000),
        (buy("AAA", fraction=np.float32(0.5)), "fraction", 500_000),
        (buy("AAA", fraction=Fraction(1, 3)), "fraction", 333_333),
        (buy("AAA", fraction=1), "fraction", 1_000_000),
        (target("AAA", notional=-0.0000019), "notional", -1),
        (target("AAA", quantity=0), "quantity", 0),
        (close("AAA"), "fraction", 1_000_000),
        (close("AAA", quantity=2), "quantity", 2),
    ],
)
def test_a_usable_number_becomes_a_whole_amount(want: Any, unit: str, amount: int) -> None:
    """Lots, micros or millionths; rounded towards zero, so never more than was asked."""
    intent, _ = intent_for(want)
    assert (intent.unit, intent.amount, intent.note) == (unit, amount, "")


@pytest.mark.parametrize(
    ("want", "found"),
    [
        (buy("AAA", quantity=float("nan")), "quantity nan is not a finite number"),
        (buy("AAA", notional=float("inf")), "notional inf is not a finite number"),
        (buy("AAA", quantity=Decimal("sNaN")), "is not a finite number"),
        (buy("AAA", quantity="3"), "quantity '3' is not a finite number"),
        (buy("AAA", quantity=True), "quantity True is not a finite number"),
        (buy("AAA", quantity=1.5), "quantity 1.5 is not a multiple of the lot 1"),
        (buy("AAA", quantity=0), "quantity 0 is nothing"),
        (buy("AAA", fraction=1e-9), "fraction 1e-09 is nothing"),
        (sell("AAA", quantity=-2), "quantity -2 is negative; use the opposite action"),
        (buy("AAA", quantity=2**54), "is beyond what is kept exactly"),
        (buy("AAA", fraction=10**20), "is beyond what is kept exactly"),
        (target("AAA", fraction=-1e30), "is beyond what is kept exactly"),
    ],
)
def test_an_unusable_number_is_refused_on_record(want: Any, found: str) -> None:
    """The strategy goes on; the intent's flaw says what it was."""
    intent, decision = intent_for(want)
    assert intent.amount == 0
    assert found in intent.flaw
    assert (decision.verdict, decision.reason) == ("refused", "bad_amount")


def test_a_quantity_is_in_multiples_of_the_lot() -> None:
    """A coin in thousandths: 0.005 are five lots, 0.0005 none."""
    lots = {"instruments": {"AAA": {"lot": "0.001"}}}
    assert intent_for(buy("AAA", quantity=0.005), **lots)[0].amount == 5
    assert "lot 0.001" in intent_for(buy("AAA", quantity=0.0005), **lots)[0].flaw


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: buy("AAA"), "takes exactly one of quantity= or notional= or fraction=, found none"),
        (lambda: sell("AAA", quantity=1, fraction=1), "found quantity, fraction"),
        (lambda: close("AAA", quantity=1, fraction=1), "takes exactly one of quantity= or fraction="),
    ],
)
def test_a_want_has_one_amount(make: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        make()


def test_a_note_travels_with_its_intent() -> None:
    assert intent_for(buy("AAA", quantity=1, note="because"))[0].note == "because"


def test_too_many_wants_at_once_are_an_error() -> None:
    with pytest.raises(StrategyError, match="returned 100001 wants at once"):
        intent_for([buy("AAA", quantity=1)] * 100_001)


@pytest.mark.parametrize("number", [None, "1", True, object(), 1j, Decimal("Infinity"), float("-inf")])
def test_what_is_no_number_is_none(number: Any) -> None:
    assert exact_number(number) is None


def test_signals_carry_over_what_is_not_known() -> None:
    """NaN means as before, from flat at the start; halves of a millionth go to the even side."""
    targets = [np.nan, 1.0, np.nan, 0.0, np.nan, -0.5]
    assert amounts_of(targets, length=6, share=500_000).tolist() == [0, 500_000, 500_000, 0, 0, -250_000]
    assert amounts_of(np.array([True, False]), length=2, share=10).tolist() == [10, 0]


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        ([1.0], r"signals has shape \(1,\); return one number for each of the 2 bars"),
        ([[1.0], [2.0]], "shape"),
        (["a", "b"], "array of <U1; return numbers"),
        ([1.0, np.inf], "infinite at bar 1"),
        ([1.0, 1e30], "beyond what is kept exactly"),
    ],
)
def test_signals_that_are_none_are_errors(targets: Any, message: str) -> None:
    with pytest.raises(StrategyError, match=message):
        amounts_of(np.array(targets), length=2, share=1_000_000)


def test_signals_that_raise_stop_or_silence_the_strategy() -> None:
    """The fault names the callback and the symbol; a silenced strategy says nothing."""

    class Broken:
        def signals(self, history: Any) -> Any:
            raise KeyError("no such column")

    with pytest.raises(StrategyError, match="strategy 'strategy_0': signals on AAA"):
        StrategyOrchestrator([(Broken(), 1)]).run(DATA)
    result = StrategyOrchestrator([(Broken(), 1)], config=OrchestratorConfig(on_strategy_error="suspend")).run(DATA)
    assert (result.faults[0].callback, result.intents) == ("signals", ())


def test_chance_belongs_to_its_strategy() -> None:
    """The stream depends on the run's seed and the strategy's id, on nothing else, in every process."""
    assert private_random(0, "trend").random() == private_random(0, "trend").random()
    streams = [private_random(0, "trend"), private_random(1, "trend"), private_random(0, "revert")]
    assert len({stream.random() for stream in streams}) == 3
    # SHA-256 and the Mersenne twister are the same everywhere.
    assert private_random(0, "trend").getrandbits(32) == 2_281_579_242


@pytest.mark.parametrize("kind", [Momentum, MomentumSignals])
@pytest.mark.parametrize("windows", [(0, 5), (5, 5), (6, 5)])
def test_windows_that_cannot_be_are_refused(kind: Any, windows: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="they must satisfy 1 ≤ short_window < long_window"):
        kind(*windows)


@pytest.mark.parametrize("settings", [{"window": 0}, {"oversold": 80.0}, {"overbought": 101.0}])
def test_a_mean_reversion_that_cannot_be_is_refused(settings: Any) -> None:
    with pytest.raises(ValueError, match=r"window is 0|must satisfy"):
        MeanReversion(**settings)


def test_strength_is_the_share_of_gains() -> None:
    """100 · gains / (gains + losses); 50 when nothing moved; None before there are enough changes."""
    bars = Case(
        bars={"AAA": tuple((step, p, p, p, p) for step, p in enumerate((10.0, 13.0, 12.0)))}, players={}
    ).data()["AAA"]
    assert MeanReversion(2).strength(bars) == 75.0
    assert MeanReversion(2).strength([bars[0]] * 3) == 50.0
    assert MeanReversion(3).strength(bars) is None
