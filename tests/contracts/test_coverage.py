"""What coverage measures, and what it leaves alone."""

from __future__ import annotations

import sys

import pytest


def test_what_covers_nothing_is_not_traced(request: pytest.FixtureRequest) -> None:
    """A test that stands outside is run at full speed, also in a worker, where pytest-cov leaves a tracer behind."""
    assert request.node.get_closest_marker("no_cover") is not None
    if request.config.getoption("cov_source", default=None):
        assert sys.gettrace() is None
