"""
The rooms import as the house is drawn: import-linter's contracts hold, and they would notice if they did not.

The contracts stand in pyproject.toml.
"""

from __future__ import annotations

import os
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


@pytest.fixture
def copied_tree(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_contracts_hold() -> None:
    answer = lint_imports(ROOT)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "0 broken" in answer.stdout


@pytest.mark.parametrize(
    ("room", "line", "broken"),
    [
        ("ledger/__init__.py", "import ropewalk.arbiter", "Stages never import each other"),
        ("events.py", "import ropewalk.clock", "Rooms import downwards only"),
        ("plugins/__init__.py", "import ropewalk.orchestrator", "Rooms import downwards only"),
        ("journal/__init__.py", "import ropewalk.cli", "Rooms import downwards only"),
        ("arbiter/__init__.py", "import pydantic", "One door: pydantic"),
        ("bus.py", "import structlog", "One door: structlog"),
        ("ledger/__init__.py", "import numpy", "One door: numpy"),
        ("arbiter/__init__.py", "import blinker", "One door: blinker"),
        ("strategies/__init__.py", "def f():\n    import polars", "One door: polars"),
        ("clock.py", "from rich.table import Table", "One door: typer in cli"),
        ("collectors/__init__.py", "import sortedcontainers", "One door: sortedcontainers"),
        ("collectors/__init__.py", "import plotly", "One door: plotly"),
        ("attic.py", "import ropewalk.events", "Rooms import downwards only"),
    ],
)
def test_a_planted_violation_is_found(copied_tree: Path, room: str, line: str, broken: str) -> None:
    planted = copied_tree / "src" / "ropewalk" / room
    planted.parent.mkdir(exist_ok=True)
    with planted.open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")
    answer = lint_imports(copied_tree)
    assert answer.returncode != 0
    assert any(f"{broken}" in said and "BROKEN" in said for said in answer.stdout.splitlines()), answer.stdout
