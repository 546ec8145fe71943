"""
What all tests share.

`scenario` and `generators` lie beside this file and are imported by name: `import scenario`.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

# The same examples on every machine and in every run; `--hypothesis-profile=deep` goes looking for new ones.
settings.register_profile("default", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("deep", settings.get_profile("default"), derandomize=False, max_examples=2_000)
settings.load_profile("default")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden", action="store_true", help="rewrite the golden files instead of comparing with them")


@pytest.fixture(scope="session")
def rewrites_golden(request: pytest.FixtureRequest) -> bool:
    """Whether this session was asked to rewrite the golden files (`make golden`)."""
    return bool(request.config.getoption("--golden"))


# ── the invariants of every run ─────────────────────────────────────────────────────────────────
# Every run in every test ends with `assert_invariants(result)`; it stands here.
