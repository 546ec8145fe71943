"""docs/metrics-compared.md says what the peers say, and why theirs differs where it does."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools" / "compare_metrics.py"
PAGE = ROOT / "docs" / "metrics-compared.md"


@pytest.fixture
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("compare_metrics", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_says_what_the_peers_say(tmp_path: Path) -> None:
    """Made in a process of its own: the peers warn and write caches. The extra `dev` has them."""
    source = os.pathsep.join(filter(None, [str(ROOT / "src"), os.environ.get("PYTHONPATH")]))
    environment = os.environ | {"PYTHONPATH": source, "PYTHONUTF8": "1", "MPLCONFIGDIR": str(tmp_path)}
    answer = subprocess.run(
        [sys.executable, str(TOOL), "--print"],
        cwd=tmp_path,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout == PAGE.read_text(encoding="utf-8"), "out of date: python tools/compare_metrics.py"


def test_every_metric_is_in_the_page() -> None:
    """Compared, or named as one that the others do not have."""
    from ropewalk.collectors.metrics import METRICS

    text = PAGE.read_text(encoding="utf-8")
    assert [one.name for one in METRICS if f"`{one.name}`" not in text] == []


@pytest.mark.parametrize(
    ("theirs", "why", "told"),
    [
        (2.0, {}, "sharpe: empyrical says 2, ours is 1.0; mend its reason"),
        (1.0, {"empyrical": "another divisor"}, "sharpe: empyrical says =, ours is 1.0; mend its reason"),
        (float("nan"), {}, "sharpe: empyrical says none, ours is 1.0; mend its reason"),
    ],
)
def test_a_difference_needs_a_reason_and_a_reason_a_difference(
    tool: ModuleType, monkeypatch: pytest.MonkeyPatch, theirs: float, why: dict[str, str], told: str
) -> None:
    """Otherwise there is no page."""
    one = tool.Compared("sharpe", lambda said: 1.0, {"empyrical": lambda said: theirs}, why)
    monkeypatch.setattr(tool, "rows", lambda: [one])
    with pytest.raises(ValueError, match=told):
        tool.table(None)


def test_cells_say_how_equal_a_figure_is(tool: ModuleType) -> None:
    """To 1e-12, to 1e-9, another number, none at all."""
    shown: list[Any] = [tool.shown(1.0, other) for other in (1.0 + 1e-13, 1.0 + 1e-10, 1.001, float("inf"))]
    assert shown == ["=", "≈", "1.001", "none"]
    assert tool.shown(1e6, 1e6 + 1e-7) == "="
