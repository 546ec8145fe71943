"""The ledger checks itself, and says what does not add up."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from generators import START_US, Case, Player
from ropewalk import Bar, Decision, LedgerError
from ropewalk.feeds.anything import feed_of
from ropewalk.ledger import ledger as ledger_module
from ropewalk.orchestrator.walk import Walk

ROWS = tuple((START_US + step, *[100.0] * 4) for step in range(6))
CASE = Case(
    bars={"AAA": ROWS, "BBB": ROWS},
    players={"s": Player("script", weight="1", wants=((("AAA", "buy", "quantity", 3),),))},
)


def finished() -> Any:
    orchestrator = CASE.orchestrator()
    run = Walk(orchestrator, feed_of(CASE.data()), orchestrator._cast().strategies, ())
    run.walk(None)
    return run._ledger


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda ledger: setattr(ledger, "pool_micros", 1), r"books 700000000 \+ pool 1 ≠ account cash 700000000"),
        (lambda ledger: setattr(ledger.books["s"], "realised_micros", 5), "book s: cash 700000000"),
        (
            lambda ledger: ledger.account_quantities.update(AAA=4),
            r"the books hold \{'AAA': 3, 'BBB': 0\}, the account \{'AAA': 4, 'BBB': 0\}",
        ),
    ],
)
def test_an_audit_finds_what_was_spoilt(spoil: Any, message: str) -> None:
    """Each identity has an error that shows its values."""
    ledger = finished()
    ledger.audit()
    spoil(ledger)
    with pytest.raises(LedgerError, match=message):
        ledger.audit()


@pytest.mark.interpreted("replaces a constant and a method of the ledger")
def test_audits_happen_during_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is summed anew every so many postings, not only at the end."""
    audits: list[int] = []
    given = ledger_module.Ledger.audit
    monkeypatch.setattr(ledger_module, "POSTINGS_BETWEEN_AUDITS", 1)
    monkeypatch.setattr(ledger_module.Ledger, "audit", lambda self: (audits.append(1), given(self))[1])
    finished()
    assert len(audits) == 3


def test_an_exit_whose_fees_exceed_its_value_does_not_stop_the_run() -> None:
    """Fees of exits are not reserved; an entry granted in the same instant must survive them (fill_at close)."""
    cheap = tuple((START_US + step, *[1.0] * 4) for step in range(3))
    wants = ((("AAA", "buy", "notional", 100),), (("AAA", "close", "fraction", 1), ("BBB", "buy", "fraction", 1)))
    case = Case(
        bars={"AAA": cheap, "BBB": cheap},
        players={"s": Player("script", weight="1", wants=wants)},
        commission=("per_share", "7.5"),
        fill_at="close",
    )
    result = case.run()
    assert [fill.quantity for fill in result.fills if fill.symbol == "AAA"] == [11, -11]
    assert result.ended.status == "complete"


def granted(**changes: Any) -> Decision:
    order = Decision(0, "s", "AAA", "granted", "in_full", 1, 100_000_000, 100_000_000, 100_000_000, open_quantity=1)
    return msgspec.structs.replace(order, **changes)


def test_a_fill_outside_its_bar_is_an_error() -> None:
    """A price that the bar never had cannot be a fill."""
    with pytest.raises(LedgerError, match=r"orders for AAA would fill at 100.0, outside \[90.0, 99.0\]"):
        finished()._reference_micros(Bar("AAA", 0, 95.0, 99.0, 90.0, 95.0), 100.0)


def test_legs_that_do_not_sum_to_zero_are_an_error() -> None:
    """Double entry is checked at every fill."""
    ledger = finished()
    ledger.books["s"].reserved_micros = 100_000_000
    ledger.fees_micros += 1
    with pytest.raises(LedgerError, match="the legs of the fill of decision 7 do not sum to zero"):
        ledger._fill(7, granted(), 100_000_000)


def test_a_resting_close_is_weighed_against_its_strategy() -> None:
    """A lapse gives the reserve back to the book, so that all of it can be reserved again."""
    wants = ((("AAA", "buy", "notional", 150),), (), (("AAA", "buy", "fraction", 1),))
    rows = tuple((START_US + step, *[price] * 4) for step, price in enumerate((100.0, 160.0, 100.0, 100.0)))
    case = CASE.but(bars={"AAA": rows}, players={"s": Player("script", weight="1", wants=wants)})
    result = case.run()
    assert [lapse.reason for lapse in result.lapses] == ["too_small"]
    assert [fill.quantity for fill in result.fills] == [10]


def test_legs_of_corporate_actions_sum_to_zero() -> None:
    """What books receive, the market and the dividends gave; an audit finds a leg that is missing."""
    case = CASE.but(actions=(("split", ROWS[2][0], "AAA", 3, 2), ("dividend", ROWS[3][0], "AAA", 1_500_000)))
    orchestrator = case.orchestrator()
    run = Walk(orchestrator, feed_of(case.data()), orchestrator._cast().strategies, ())
    run.walk(None)
    ledger = run._ledger
    assert (ledger.account_quantities["AAA"], ledger.dividends_micros) == (4, -6_000_000)
    # Half a lot at 66.666667, whose share of the cost is 33.333333.
    assert ledger.market_micros == 300_000_000 - 33_333_334
    assert ledger.books["s"].realised_micros == 1
    ledger.dividends_micros = 0
    with pytest.raises(LedgerError, match=r"dividends 0 ≠ capital 1000000000 micros"):
        ledger.audit()


def test_a_symbol_whose_splits_make_it_too_cheap_is_refused() -> None:
    """Every price that anyone will see is at least a micro a lot, before and after splits."""
    from ropewalk import ConfigError

    rows = ((START_US, *[0.00002] * 4), (START_US + 1, *[10.0] * 4))
    case = CASE.but(bars={"AAA": rows}, actions=(("split", START_US + 1, "AAA", 100, 1),))
    with pytest.raises(ConfigError, match=r"AAA: a lot of 1 at 2\.0+2e-07 is less than a millionth"):
        case.run()
