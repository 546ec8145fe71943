"""
Finding plugins: what a run that names one pays for the others that are installed.

Asked for: at most 50 ms with a hundred installed.
"""

from __future__ import annotations

import sys
from importlib import invalidate_caches
from pathlib import Path

import pytest

from installed import install
from ropewalk.plugins import Catalog

INSTALLED = 100


@pytest.fixture
def hundred(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for number in range(INSTALLED):
        entry = f"idea-{number} = idea_{number}:Own"
        install(tmp_path, f"idea-{number}", {"strategies": entry, "observers": entry})
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def test_finding_one_plugin_of_a_hundred(benchmark, hundred: Path) -> None:
    """From nothing known to the one that is named, which is not imported yet."""

    def fresh() -> None:
        # Folders that were listed before are remembered; a process begins without.
        invalidate_caches()

    found = benchmark.pedantic(lambda: Catalog().find("strategy", "idea-77"), setup=fresh, rounds=20)
    assert found.home == "idea_77:Own"
    assert sum(one.name.startswith("idea-") for one in Catalog().every()) == 2 * INSTALLED
    assert not any(name.startswith("idea_") for name in sys.modules)
