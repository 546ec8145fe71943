"""
What all tests share.

`scenario` and `generators` lie beside this file and are imported by name: `import scenario`.
"""

from __future__ import annotations

import gc
import sys
import threading
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

from compiled_core import is_compiled
from invariants import assert_invariants
from warm import interpreter

if TYPE_CHECKING:
    from collections.abc import Iterator

# The same examples on every machine and in every run; `--hypothesis-profile=deep` goes looking for new ones.
settings.register_profile(
    "default", derandomize=True, deadline=None, max_examples=20, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("deep", settings.get_profile("default"), derandomize=False, max_examples=2_000)
settings.load_profile("default")


TESTS = Path(__file__).parent
COVERING = ("unit", "scenarios", "golden")
"""Where tests name lines. Others stand outside, or look for what is wrong, and take a third of the time unmeasured."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden", action="store_true", help="rewrite the golden files instead of comparing with them")


def pytest_configure(config: pytest.Config) -> None:
    # pytest-cov names it, too, where it is there.
    config.addinivalue_line("markers", "no_cover: is not measured by coverage, which it would only slow down")
    config.addinivalue_line(
        "markers", "interpreted(why): cannot be seen from outside once the core is compiled; skipped there"
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave coverage to tests that name lines, and to doctests; those whose examples are drawn name none."""
    for item in items:
        covers = any(item.path.is_relative_to(TESTS / folder) for folder in COVERING)
        draws = getattr(getattr(item, "obj", None), "is_hypothesis_test", False)
        if draws or not (covers or isinstance(item, pytest.DoctestItem)):
            item.add_marker(pytest.mark.no_cover)


def pytest_collection_finish() -> None:
    """Spare the garbage collector what is there for good: thousands of tests, and all that they import."""
    gc.collect()
    gc.freeze()


def pytest_runtest_setup(item: pytest.Item) -> None:
    marker = item.get_closest_marker("interpreted")
    if marker is not None and is_compiled():
        pytest.skip(marker.args[0])


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Measure nothing of a test that covers nothing: in a worker pytest-cov stops one of two tracers that are there."""
    # Without coverage a tracer is a debugger's.
    if item.get_closest_marker("no_cover") is None or not item.config.getoption("cov_source", default=None):
        yield
        return
    tracer, of_threads = sys.gettrace(), threading.gettrace()
    sys.settrace(None)
    threading.settrace(None)
    try:
        yield
    finally:
        sys.settrace(tracer)
        threading.settrace(of_threads)


@pytest.fixture(scope="session")
def rewrites_golden(request: pytest.FixtureRequest) -> bool:
    """Whether this session was asked to rewrite the golden files (`make golden`)."""
    return bool(request.config.getoption("--golden"))


@pytest.fixture
def warm_interpreter(monkeypatch: pytest.MonkeyPatch) -> str:
    """Let code under test that starts processes by `sys.executable` start them warm; returns that executable."""
    executable = interpreter()
    monkeypatch.setattr(sys, "executable", executable)
    return executable


# ── the invariants of every run ─────────────────────────────────────────────────────────────────
@pytest.fixture(autouse=True)
def every_run_ends_with_its_invariants(request: pytest.FixtureRequest) -> Iterator[None]:
    """Check each result before a test sees it; only benchmarks, which time the run, go without."""
    if "bench" in request.path.parts:
        yield
        return
    from ropewalk.orchestrator import StrategyOrchestrator

    given = StrategyOrchestrator.run

    @wraps(given)
    def run(self: StrategyOrchestrator, *arguments: Any, **named: Any) -> Any:
        result = given(self, *arguments, **named)
        assert_invariants(result, in_parts=self.config.filling() is not None)
        return result

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StrategyOrchestrator, "run", run)
        yield
