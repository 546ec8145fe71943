"""
Make the tables of docs/guide/what-if.md: the demo's run under all policies, live and frozen.

`python tools/make_what_if.py`. A test reproduces every number in them by separate runs.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "guide" / "what-if.md"
KINDS = {"live": ("--live",), "frozen": ()}


def asked(folder: Path, *arguments: str) -> str:
    """Run a command in a folder and return what it prints."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "COLUMNS": "100", "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "ropewalk", *arguments]
    answer = subprocess.run(command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=True)
    return answer.stdout


def tables(told: str) -> str:
    """Take the two tables, without what is said below them."""
    figures, strategies, *_ = told.split("\n\n")
    return "\n".join(line.rstrip() for line in f"{figures}\n\n{strategies}".splitlines())


def made() -> dict[str, str]:
    """Record the demo's run and ask for all policies."""
    with TemporaryDirectory() as root:
        folder = Path(root)
        asked(folder, "demo")
        (run,) = (folder / "runs").iterdir()
        return {
            kind: tables(asked(folder, "counterfactual", run.name, "--policies", "all", *options))
            for kind, options in KINDS.items()
        }


def replaced(page: str, kind: str, text: str) -> str:
    """Put text into the page's fence of a kind."""
    opening = f"```text {kind}\n"
    before, rest = page.split(opening)
    _, after = rest.split("```\n", 1)
    return f"{before}{opening}{text}\n```\n{after}"


def main() -> None:
    """Rewrite the tables of the page."""
    page = PAGE.read_text(encoding="utf-8")
    for kind, text in made().items():
        page = replaced(page, kind, text)
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
