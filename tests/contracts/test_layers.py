"""
The rooms import as the house is drawn: import-linter's contracts hold, and they would notice if they did not.

The contracts stand in pyproject.toml.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINT = "from importlinter.cli import lint_imports_command; lint_imports_command(['--no-cache'])"


def lint_imports(tree: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(tree / "src"), "COLUMNS": "200", "NO_COLOR": "1"}
    asked = [sys.executable, "-c", LINT]
    return subprocess.run(asked, cwd=tree, env=environment, capture_output=True, text=True, timeout=120, check=False)


PLANTED = [
    (
        "ledger/__init__.py",
        "import ropewalk.arbiter",
        "Stages never",
        "ropewalk.ledger -> ropewalk.arbiter",
    ),
    ("events.py", "import ropewalk.clock", "Rooms import", "ropewalk.events -> ropewalk.clock"),
    (
        "plugins/__init__.py",
        "import ropewalk.orchestrator",
        "Rooms import",
        "ropewalk.plugins -> ropewalk.orchestrator",
    ),
    (
        "journal/__init__.py",
        "import ropewalk.cli",
        "Rooms import",
        "ropewalk.journal -> ropewalk.cli",
    ),
    ("arbiter/__init__.py", "import pydantic", "One door: pydantic", "ropewalk.arbiter -> pydantic"),
    ("bus.py", "import structlog", "One door: structlog", "ropewalk.bus -> structlog"),
    ("ledger/__init__.py", "import numpy", "One door: numpy", "ropewalk.ledger -> numpy"),
    ("arbiter/__init__.py", "import blinker", "One door: blinker", "ropewalk.arbiter -> blinker"),
    ("strategies/__init__.py", "def f():\n    import polars", "One door: polars", "ropewalk.strategies -> polars"),
    ("clock.py", "from rich.table import Table", "One door: typer in cli", "ropewalk.clock -> rich"),
    (
        "collectors/__init__.py",
        "import sortedcontainers",
        "One door: sortedcontainers",
        "ropewalk.collectors -> sortedcontainers",
    ),
    ("collectors/__init__.py", "import plotly", "One door: plotly", "ropewalk.collectors -> plotly"),
    (
        "attic.py",
        "import ropewalk.events",
        "Rooms import",
        "layers:\n\n- ropewalk.attic",
    ),
]
"""In which file, which line, which contract it breaks, and how that is told. None hides behind another."""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What is said of a copy of the tree in which all of them are planted."""
    tree = tmp_path_factory.mktemp("tree")
    shutil.copytree(ROOT / "src", tree / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    shutil.copy(ROOT / "pyproject.toml", tree)
    for room, line, *_ in PLANTED:
        with (tree / "src" / "ropewalk" / room).open("a", encoding="utf-8") as file:
            file.write(f"\n{line}\n")
    answer = lint_imports(tree)
    assert answer.returncode != 0
    return answer.stdout


def test_the_contracts_hold() -> None:
    answer = lint_imports(ROOT)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "0 broken" in answer.stdout


@pytest.mark.parametrize(("room", "line", "broken", "because"), PLANTED)
def test_a_planted_violation_is_found(told: str, room: str, line: str, broken: str, because: str) -> None:
    assert any(f"{broken}" in said and "BROKEN" in said for said in told.splitlines()), told
    (details,) = re.findall(rf"^{re.escape(broken)}[^\n]*\n-+\n(.*?)(?=^[^\n]+\n-+\n|\Z)", told, re.M | re.S)
    assert re.search(rf"{because}\b", details)


def test_whoever_breaks_nothing_is_kept(told: str) -> None:
    """Where nothing was planted nothing is found."""
    assert "One door: jinja2 in reports KEPT" in told
