"""Limits as a person types them: exact, strict, and the same on record whenever they are the same."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from generators import START_US, Case, Player
from ropewalk import ConfigError, OrchestratorConfig, StrategyOrchestrator
from ropewalk.arbiter.limits import AccountLimits, GroupLimit, Limits, StrategyLimits
from ropewalk.config import LimitSettings
from ropewalk.journal import Journal, remade
from ropewalk.run_file import load_run

EVERY = {
    "gross_exposure": "0.9",
    "net_exposure": Decimal("0.5"),
    "symbol_exposure": "0.30",
    "symbols": {"GLD": 1},
    "groups": {"metals": {"symbols": ["SLV", "GLD", "SLV"], "exposure": "0.4"}},
    "leverage": "1.5",
    "positions": 3,
    "cash_reserve": "0.1",
    "strategies": {"one": {"symbol_share": "0.5", "positions": 2, "drawdown": "0.2"}},
}


def test_what_was_typed_becomes_plain_limits() -> None:
    assert LimitSettings(**EVERY).limits() == Limits(
        AccountLimits(
            gross_exposure=Fraction("0.9"),
            net_exposure=Fraction("0.5"),
            symbol_exposure=Fraction("0.3"),
            symbols={"GLD": Fraction(1)},
            groups={"metals": GroupLimit(("GLD", "SLV"), Fraction("0.4"))},
            leverage=Fraction("1.5"),
            positions=3,
            cash_reserve=Fraction("0.1"),
        ),
        {"one": StrategyLimits(Fraction("0.5"), 2, Fraction("0.2"))},
    )
    assert LimitSettings(strategies={"one": {}}).limits() == Limits()


def test_what_is_recorded_makes_an_equal_configuration() -> None:
    config = OrchestratorConfig(limits=EVERY)
    assert OrchestratorConfig.model_validate(config.recorded()) == config
    assert config.recorded()["limits"]["groups"] == {"metals": {"symbols": ["GLD", "SLV"], "exposure": "0.4"}}


def test_equal_limits_are_equal_on_record() -> None:
    """However a number is written, and in whatever order keys and symbols stand."""
    other = {
        **dict(reversed(EVERY.items())),
        "symbol_exposure": Decimal("0.3"),
        "symbols": {"GLD": "1.000"},
        "groups": {"metals": {"exposure": Decimal("0.40"), "symbols": ["GLD", "SLV"]}},
    }
    one, same = OrchestratorConfig(limits=EVERY), OrchestratorConfig(limits=other)
    assert (one, one.recorded()) == (same, same.recorded())


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"gros_exposure": "1"}, "C45 limits.gros_exposure: is no key here; did you mean 'gross_exposure'?"),
        ({"leverage": 1.5}, "C46 limits.leverage: 1.5 is a float; write a Decimal, an int or a text such as '0.25'"),
        ({"leverage": "-1"}, "C48 limits.leverage: '-1' — expected a number ≥ 0"),
        ({"cash_reserve": "1.1"}, "C48 limits.cash_reserve: '1.1' — expected a number ≤ 1"),
        ({"positions": "3"}, "C46 limits.positions: '3' — expected a whole number; without quotes"),
        ({"positions": -1}, "C48 limits.positions: -1 — expected a number ≥ 0"),
        ({"groups": {"a": {"symbols": [], "exposure": 1}}}, "C46 limits.groups.a.symbols: is empty; name the symbols"),
        ({"groups": {"a": {"symbols": ["GLD"]}}}, "C45 limits.groups.a.exposure: is missing"),
        ({"strategies": {"one": {"drawdown": 0}}}, "C48 limits.strategies.one.drawdown: 0 — expected a number > 0"),
        (
            {"strategies": {"one": {"drawdon": 1}}},
            "C45 limits.strategies.one.drawdon: is no key here; did you mean 'drawdown'?",
        ),
    ],
)
def test_what_cannot_be_meant_is_said(typed: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        OrchestratorConfig(limits=typed)
    assert [finding[: len(said)] for finding in caught.value.findings] == [said]


ROWS = tuple((START_US + step * 1_000_000, *[10.0] * 4) for step in range(4))
CASE = Case(
    bars={"GLD": ROWS, "SLV": ROWS},
    players={"one": Player("script", weight="0.5", wants=((("GLD", "buy", "quantity", 40),),))},
)


def test_a_strategy_that_is_not_there_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"limits.strategies: there is no strategy 'on'; did you mean 'one'\?"):
        CASE.but(limits={"strategies": {"on": {"positions": 1}}}).orchestrator()


@pytest.mark.parametrize(
    ("limits", "where"),
    [
        ({"symbols": {"GDL": "0.1"}}, "limits.symbols"),
        ({"groups": {"metals": {"symbols": ["GDL"], "exposure": 1}}}, "limits.groups.metals.symbols"),
    ],
)
def test_a_symbol_that_the_data_lack_is_refused(limits: dict[str, Any], where: str) -> None:
    with pytest.raises(ConfigError, match=rf"{where}: the data have no 'GDL'; did you mean 'GLD'\?"):
        CASE.but(limits=limits).run()


def test_limits_are_inputs_of_a_run() -> None:
    """Other limits make another run id, equal ones the same, none the one that there was."""

    def run_id(**limits: Any) -> str:
        case = CASE.but(limits=limits)
        from ropewalk import feed_of

        inputs: Any = StrategyOrchestrator.inputs(case.orchestrator(), feed_of(case.data()))
        return str(inputs.run_id)

    assert run_id(leverage="0.5") == run_id(leverage="0.50") != run_id(leverage="0.6") != run_id()


FILE = """
[data]
source = "sample"
symbols = ["AAPL", "MSFT"]
start = "2012-01-01"

[strategies.hold]
use = "buy-and-hold"
weight = 0.5

[limits]
gross_exposure = 0.3

[limits.groups.all]
symbols = ["AAPL", "MSFT"]
exposure = 0.2

[limits.strategies.hold]
symbol_share = 0.25
"""


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def write(text: str) -> Path:
        path = tmp_path / "run.toml"
        path.write_text(text)
        return path

    return write


def test_a_run_file_has_a_table_of_limits(write: Any) -> None:
    run = load_run(write(FILE))
    assert run.orchestrator.config.limits == LimitSettings(
        gross_exposure="0.3",
        groups={"all": {"symbols": ["AAPL", "MSFT"], "exposure": "0.2"}},
        strategies={"hold": {"symbol_share": "0.25"}},
    )
    assert {one.reason for one in run.run().decisions[:2]} == {"symbol_share", "group_exposure"}


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("gross_exposure", "gros_exposure", "C45 limits.gros_exposure: is no key here; did you mean 'gross_exposure'?"),
        (
            "strategies.hold]\nsymbol",
            "strategies.hol]\nsymbol",
            "C45 limits.strategies: there is no strategy 'hol'",
        ),
        ("[limits]", "[settings.limits]", "C45 settings.limits: is no key here; limits have a table of their own"),
        ("exposure = 0.2", "exposure = -1", "C48 limits.groups.all.exposure: -1 — expected a number ≥ 0"),
        ("[limits]", "[limts]", "C45 limts: is no key here; did you mean 'limits'?"),
    ],
)
def test_a_faulty_table_is_said_with_its_path(was: str, becomes: str, said: str, write: Any) -> None:
    from ropewalk.errors import RunFileError

    assert was in FILE
    with pytest.raises(RunFileError) as caught:
        load_run(write(FILE.replace(was, becomes, 1)))
    assert [finding for finding in caught.value.findings if finding.startswith(said)], caught.value.findings


def test_a_recorded_run_with_limits_can_be_made_again(write: Any, tmp_path: Path) -> None:
    """Its journal verifies, makes the same configuration, and the same events again."""
    run = load_run(write(FILE))
    result = run.orchestrator.run(run.feed(), journal=run.recording(folder=tmp_path / "runs"))
    journal = Journal(result.journal.path)
    again = remade(journal)
    assert again.orchestrator.config == run.orchestrator.config
    assert again.orchestrator.run(again.feed).record.digest() == result.record.digest()
