"""The public API: names, signatures and types that others build on."""

from __future__ import annotations

import inspect
import subprocess
import sys
from decimal import Decimal

import pytest

import ropewalk
from ropewalk import IStrategy, OrchestratorConfig, Position, StrategyAllocation, StrategyOrchestrator


@pytest.mark.parametrize("name", ropewalk.__all__)
def test_every_public_name_is_there(name: str) -> None:
    """Each name of the table loads, is documented, and is the same object each time."""
    thing = getattr(ropewalk, name)
    assert thing is getattr(ropewalk, name)
    assert inspect.getdoc(thing)


def test_an_unknown_name_is_an_attribute_error() -> None:
    """As for any module."""
    with pytest.raises(AttributeError, match="no attribute 'Backtest'"):
        _ = ropewalk.Backtest


def test_the_orchestrator_is_called_as_promised() -> None:
    """The names and defaults of the constructor and of `run` are fixed."""
    parameters = inspect.signature(StrategyOrchestrator).parameters
    assert list(parameters) == ["strategies_with_weights", "initial_capital", "config"]
    assert parameters["initial_capital"].default == Decimal(100_000)
    assert parameters["config"].default is None
    assert next(iter(inspect.signature(StrategyOrchestrator.run).parameters.values())).name == "self"
    assert list(inspect.signature(StrategyOrchestrator.run).parameters)[1] == "historical_data"


def test_the_settings_have_their_promised_names() -> None:
    """Others may be added, these stay."""
    promised = {
        "logging_level",
        "validate_weights",
        "fill_at",
        "conflict_policy",
        "capital_base",
        "commission",
        "slippage",
        "close_at_end",
        "on_strategy_error",
    }
    assert promised <= set(OrchestratorConfig.model_fields)


def test_a_position_has_its_promised_fields() -> None:
    """Strategies written elsewhere read these."""
    assert list(inspect.signature(Position).parameters) == [
        "symbol",
        "shares",
        "entry_price",
        "entry_date",
        "current_price",
    ]


def test_an_allocation_has_its_promised_methods() -> None:
    """Allocate, release, ask first, and see what is left."""
    allocation = StrategyAllocation("trend", allocated_micros=10_000_000)
    assert allocation.can_allocate(10_000_000)
    allocation.allocate(4_000_000)
    assert not allocation.can_allocate(7_000_000)
    allocation.release(1_000_000)
    assert allocation.available_capital == Decimal(7)


def test_the_protocol_is_checked_at_run_time() -> None:
    """An object with both methods is an `IStrategy`, whatever its class."""

    class Mine:
        def should_enter(self, bars: object) -> bool:
            return False

        def should_exit(self, position: object, bars: object) -> bool:
            return False

    assert isinstance(Mine(), IStrategy)
    assert not isinstance(object(), IStrategy)


@pytest.mark.parametrize(
    ("imported", "heavy"),
    [
        ("ropewalk", "numpy polars pandas pydantic structlog typer rich plotly duckdb"),
        ("ropewalk.journal", "polars pandas structlog typer rich plotly duckdb"),
        ("ropewalk.testing", "polars pandas structlog rich plotly duckdb"),
    ],
)
def test_importing_is_light(imported: str, heavy: str) -> None:
    """Importing loads none of the heavy libraries; they come when they are used."""
    code = f"import sys, {imported}; print([name for name in {heavy.split()} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
