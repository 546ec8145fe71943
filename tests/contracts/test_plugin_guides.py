"""
The guides of plug-in points are true: their files are those of docs/examples, and their runs print what they say.

A line that is only a bold path, as **`plugins/strategies/breakout.py`**, stands before the fence with that file. A line
that begins with **`ropewalk run FILE`** stands before a fence whose lines the command prints, in this order.
"""

from __future__ import annotations

import re
from difflib import ndiff
from functools import cache
from pathlib import Path

import pytest
from typer.testing import CliRunner

from installed import install
from ropewalk.cli.main import app
from ropewalk.cli.scaffold import scaffold
from ropewalk.plugins import POINTS, Catalog

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "docs" / "examples"
GUIDES = sorted((ROOT / "docs" / "guide" / "plugins").glob("*.md"))
SHOWN = re.compile(r"^\*\*`(?P<what>[^`]+)`\*\*[^\n]*\n\n```\w*\n(?P<body>.*?)^```$", re.M | re.S)


def faults(text: str, run) -> list[str]:
    """What in a guide is not so; `run` says what a run file prints."""
    found = []
    for shown in SHOWN.finditer(text):
        what, body = shown["what"], shown["body"]
        if what.startswith("ropewalk run "):
            printed, place = run(what.removeprefix("ropewalk run ")), 0
            for line in body.splitlines():
                at = printed.find(line, place)
                if at < 0:
                    found.append(f"{what} does not print {line!r}")
                place = max(at, place)
        elif not (EXAMPLES / what).exists() or (EXAMPLES / what).read_text(encoding="utf-8") != body:
            found.append(f"{what} is not what stands here")
    return found


@cache
def said(name: str) -> str:
    """What a run file of the examples prints, which is the same each time."""
    answer = CliRunner(env={"COLUMNS": "120"}).invoke(app, ["run", name, "--no-journal"])
    assert answer.exit_code == 0, answer.output
    return answer.stdout


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(EXAMPLES)
    return said


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_a_guide_is_true(guide: Path, run) -> None:
    """Files and output."""
    text = guide.read_text(encoding="utf-8")
    shown = [one["what"] for one in SHOWN.finditer(text)]
    assert sum(one.endswith((".py", ".toml")) for one in shown) >= 2
    assert any(one.startswith("ropewalk run") for one in shown)
    assert faults(text, run) == []


def test_ten_edited_lines_make_a_strategy_that_stands_in_the_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The five minutes of the overview: what `new` writes, edited as shown, installed, and run."""
    text = (ROOT / "docs" / "guide" / "plugins.md").read_text(encoding="utf-8")
    shown = {one["what"]: one["body"] for one in SHOWN.finditer(text)}
    files = scaffold("strategy", "my-idea")
    code, table = shown["my-idea/src/my_idea/__init__.py"], shown["my-idea/run.toml"]
    edits = [line for line in ndiff(files["src/my_idea/__init__.py"].splitlines(), code.splitlines()) if line[0] == "+"]
    assert 8 <= len(edits) <= 12
    assert [line for line in ndiff(files["run.toml"].splitlines(), table.splitlines()) if line[0] == "+"] == [
        "+ settings = { days = 50, band = 0.01 }"
    ]
    install(tmp_path / "installed", "my-idea", {"strategies": "my-idea = my_idea:MyIdea"}, code)
    monkeypatch.syspath_prepend(str(tmp_path / "installed"))
    monkeypatch.setenv("COLUMNS", "120")
    (tmp_path / "run.toml").write_text(table, encoding="utf-8")
    answer = CliRunner().invoke(app, ["run", str(tmp_path / "run.toml"), "--no-journal"])
    assert answer.exit_code == 0, answer.output
    assert shown["ropewalk run my-idea/run.toml"].strip() in answer.stdout


def test_a_guide_that_lies_is_caught(run) -> None:
    """A line that is not printed, lines in another order, a file that is another one."""
    text = (ROOT / "docs" / "guide" / "plugins" / "observer.md").read_text(encoding="utf-8")
    assert faults(text, run) == []
    swapped = re.sub(r"(2009-12-21[^\n]*\n)(2012-05-10[^\n]*\n)", r"\2\1", text)
    for lie in (text.replace("24,111.77", "24,111.78"), swapped, text.replace("above = 20000", "above = 1")):
        assert lie != text
        assert len(faults(lie, run)) == 1


def test_every_point_that_a_run_names_has_a_guide_and_an_example() -> None:
    """The table of the overview has every group, and each example is one of those in the guides."""
    overview = (ROOT / "docs" / "guide" / "plugins.md").read_text(encoding="utf-8")
    assert [point.group for point in POINTS.values() if f"`{point.group}`" not in overview] == []
    guides = "".join(guide.read_text(encoding="utf-8") for guide in GUIDES)
    catalog = Catalog(["plugins"], base=EXAMPLES)
    examples = [one for one in catalog.every() if str(one.path).startswith(str(EXAMPLES))]
    assert [one.point.kind for one in examples] == list(POINTS)
    assert [one.home for one in examples if f"**`{one.home}`**" not in guides] == []
    assert catalog.strays() == []
