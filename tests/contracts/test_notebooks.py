"""The notebooks of docs/examples run, quickly, and say what is written beside their cells."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools" / "run_notebook.py"
SECONDS_MAX = 20


def check(folder: Path) -> subprocess.CompletedProcess[str]:
    asked = [sys.executable, str(TOOL), "--check", str(folder)]
    return subprocess.run(asked, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=180, check=False)


def test_the_notebooks_say_what_is_written() -> None:
    """Each runs from top to bottom in a fresh kernel, and all of them in less than twenty seconds of it."""
    notebooks = list((ROOT / "docs" / "examples").glob("*.ipynb"))
    assert notebooks
    before = os.times()
    answer = check(ROOT / "docs" / "examples")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    # Of the processor, since the machine may be busy.
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    assert 0 < used < SECONDS_MAX


def notebook(*sources: str, printed: str) -> str:
    cells = [
        {
            "cell_type": "code",
            "execution_count": seat + 1,
            "id": f"cell-{seat}",
            "metadata": {},
            "outputs": [{"name": "stdout", "output_type": "stream", "text": [f"{printed}\n"]}],
            "source": [source],
        }
        for seat, source in enumerate(sources)
    ]
    about = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return json.dumps({"cells": cells, "metadata": about, "nbformat": 4, "nbformat_minor": 5}, indent=1) + "\n"


def test_a_notebook_that_lies_or_falls_is_noticed(tmp_path: Path) -> None:
    """Another output ends with 1, an exception with its traceback; what is true passes."""
    path = tmp_path / "small.ipynb"
    path.write_text(notebook("print('one')", printed="one"), encoding="utf-8")
    assert check(tmp_path).returncode == 0
    path.write_text(notebook("print('two')", printed="one"), encoding="utf-8")
    assert "small.ipynb prints something else" in check(tmp_path).stdout
    path.write_text(notebook("print(1 / 0)", printed="one"), encoding="utf-8")
    answer = check(tmp_path)
    assert answer.returncode != 0
    assert "ZeroDivisionError" in answer.stderr
