"""How large what is measured is: as an ordinary test, which runs it once and looks at what comes out, a quarter."""

from __future__ import annotations

from collections.abc import Callable

import pytest


@pytest.fixture(scope="session")
def scaled(request: pytest.FixtureRequest) -> Callable[[int], int]:
    """Give the number of bars for this session, of that for a session that times them."""
    is_timed = request.config.getoption("benchmark_enable")
    return lambda bars: bars if is_timed else bars // 4
