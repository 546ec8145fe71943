"""Every kind of fault of a plugin has a test that says what a user gets."""

from __future__ import annotations

import ast
from pathlib import Path

CASES = range(61, 85)
TESTS = Path(__file__).resolve().parents[1]
PLACES = [*sorted(TESTS.glob("faults/test_*.py")), TESTS / "unit/journal/test_determinism.py"]


def covered() -> list[int]:
    """The numbers with which the docstrings of tests begin."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in PLACES]
    tests = [node for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef)]
    said = [ast.get_docstring(test) or "" for test in tests if test.name.startswith("test_")]
    return [int(text.partition(":")[0]) for text in said if text.partition(":")[0].isdigit()]


def test_every_fault_of_a_plugin_has_a_test() -> None:
    """The list of faults numbers them 61 to 84; the docstring of a test begins with the number of its case."""
    assert sorted(dict.fromkeys(covered())) == list(CASES)
