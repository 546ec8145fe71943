"""The reference pages say what the code says: they are made from it."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import get_args

import pytest

from ropewalk import events
from ropewalk.collectors.schema import TABLES

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools" / "make_reference.py"


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_reference", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["events.md", "metrics.md", "reasons.md", "tables.md"])
def test_a_page_says_what_the_code_says(tool: ModuleType, name: str) -> None:
    written = (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8")
    assert written == tool.PAGES[name](), f"docs/reference/{name} is out of date: python tools/make_reference.py"


def test_every_page_of_the_folder_is_made(tool: ModuleType) -> None:
    assert sorted(path.name for path in (ROOT / "docs" / "reference").iterdir()) == sorted(tool.PAGES)


def test_every_event_and_every_reason_is_described(tool: ModuleType) -> None:
    page = tool.events_page()
    assert [kind.__name__ for kind in get_args(events.Record) if f"## {kind.__name__}\n" not in page] == []
    reasons = tool.reasons_page()
    words = [*get_args(events.Reason), *get_args(events.LapseReason)]
    assert [word for word in words if f"| `{word}` | " not in reasons] == []


def test_every_column_of_every_table_is_described(tool: ModuleType) -> None:
    page = tool.tables_page()
    for name, table in TABLES.items():
        section = page.split(f"## {name}\n")[1].split("\n## ")[0]
        assert [column.name for column in table.columns if f"| `{column.name}` | " not in section] == []
        assert all(column.meaning for column in table.columns)


def test_a_changed_docstring_is_noticed(tool: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    before = tool.events_page()
    monkeypatch.setattr(events.Intent, "__doc__", "Something else.")
    assert tool.events_page() != before
