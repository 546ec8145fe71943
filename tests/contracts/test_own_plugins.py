"""
The plugins of plugins/ are what anybody could have written: distributions of their own, on the public API alone.

Public is what `ropewalk` and `ropewalk.testing` list in `__all__`, and no name that begins with an underscore.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

import pytest

import ropewalk
import ropewalk.testing
from ropewalk.plugins import POINTS

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = sorted(path.parent for path in ROOT.glob("plugins/*/pyproject.toml"))
PUBLIC = {"ropewalk": ropewalk.__all__, "ropewalk.testing": ropewalk.testing.__all__}
GROUPS = {point.group: kind for kind, point in POINTS.items()}


def reaches(text: str) -> list[str]:
    """What in a module reaches for more of ropewalk than is public, or for what others keep to themselves."""
    return [f"line {line}: {what}" for line, what in _reaches(ast.parse(text))]


def _reaches(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "ropewalk":
            known = PUBLIC.get(node.module or "")
            if known is None:
                yield node.lineno, f"from {node.module}"
            else:
                yield from ((node.lineno, f"{node.module}.{one.name}") for one in node.names if one.name not in known)
        elif isinstance(node, ast.Import):
            names = [one.name for one in node.names if one.name.split(".")[0] == "ropewalk"]
            yield from ((node.lineno, f"import {name}") for name in names if name not in PUBLIC)
        elif isinstance(node, ast.Attribute):
            owner = node.value.id if isinstance(node.value, ast.Name) else ""
            is_private = node.attr.startswith("_") and not node.attr.endswith("__")
            if owner == "ropewalk" and node.attr not in (*ropewalk.__all__, "testing", "__version__"):
                yield node.lineno, f"ropewalk.{node.attr}"
            elif is_private and owner not in ("self", "cls"):
                yield node.lineno, f".{node.attr}"


def test_there_are_plugins_of_our_own() -> None:
    """A check that looks at nothing is none."""
    assert len(PLUGINS) >= 4


@pytest.mark.parametrize("folder", PLUGINS, ids=lambda folder: folder.name)
def test_a_plugin_uses_the_public_api_only(folder: Path) -> None:
    """Its code and its tests."""
    files = sorted(folder.rglob("*.py"))
    assert {path.relative_to(folder).parts[0] for path in files} == {"src", "tests"}
    found = {str(path.relative_to(ROOT)): reaches(path.read_text(encoding="utf-8")) for path in files}
    assert {path: what for path, what in found.items() if what} == {}


@pytest.mark.parametrize("folder", PLUGINS, ids=lambda folder: folder.name)
def test_a_plugin_is_a_distribution_of_its_own(folder: Path) -> None:
    """Installed here under its folder's name, typed, told about, and found by what it says it is."""
    told = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
    package = folder.name.replace("-", "_")
    project = told["project"]
    assert project["name"] == folder.name
    assert (folder / "src" / package / "py.typed").exists()
    own = project["entry-points"]
    asked = {(group, name, home) for group, names in own.items() for name, home in names.items()}
    installed = {(one.group, one.name, one.value) for one in distribution(folder.name).entry_points}
    assert installed == asked, "it is installed as it was; run `make setup`"
    readme = (folder / "README.md").read_text(encoding="utf-8")
    for group, name, home in asked:
        made = ropewalk.plugin(GROUPS[group], name)
        assert type(made).__name__ == home.partition(":")[2]
        assert [field for field in type(made.settings).model_fields if f"`{field}`" not in readme] == []


def test_every_plugin_and_what_it_needs_is_listed() -> None:
    """In the overview; and dependencies have no place in the tree unless they are in their table."""
    overview = (ROOT / "plugins" / "README.md").read_text(encoding="utf-8")
    assert [folder.name for folder in PLUGINS if f"[{folder.name}]({folder.name}/README.md)" not in overview] == []
    dependencies = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    for folder in PLUGINS:
        asked = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
        names = {re.split(r"[^\w-]", one)[0] for one in asked}
        assert "ropewalk" in names
        assert [name for name in sorted(names) if f"| {name} " not in dependencies and name != "ropewalk"] == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("from ropewalk.events import Fill", "from ropewalk.events"),
        ("from ropewalk.testing.trial import Trial", "from ropewalk.testing.trial"),
        ("from ropewalk import Bus", "ropewalk.Bus"),
        ("from ropewalk.testing import Trial", "ropewalk.testing.Trial"),
        ("import ropewalk.bus", "import ropewalk.bus"),
        ("import ropewalk\nropewalk.bus.Bus()", "ropewalk.bus"),
        ("def f(view):\n    return view._bus", "._bus"),
    ],
)
def test_what_is_not_public_is_caught(text: str, what: str) -> None:
    """Each way to reach inside."""
    assert [found.split(": ")[1] for found in reaches(text)] == [what]


@pytest.mark.parametrize(
    "text",
    [
        "from ropewalk import Fill, observer\nfrom ropewalk.testing import check_strategy",
        "import ropewalk\nropewalk.Fill\nropewalk.testing.check_feed",
        "class A:\n    def f(self):\n        return self._own, type(self).__name__",
        "from ropewalk_redis import RedisFeed",
    ],
)
def test_what_is_public_is_left_alone(text: str) -> None:
    """And what is a plugin's own."""
    assert reaches(text) == []
