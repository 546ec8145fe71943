"""Strategies are found by name, and what stands in the way is said in full."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path

import pytest

from ropewalk import Momentum, PluginError
from ropewalk.config.plugged import made, refused_settings
from ropewalk.plugins import POINTS, Catalog

OWN = """
import math

class Mine:
    def __init__(self, window, edge=0.1):
        self.window = window
    def should_enter(self, bars):
        return True
    def should_exit(self, position, bars):
        return False

class Half:
    def should_enter(self, bars):
        return True
    def should_leave(self, bars):
        return True

def factory():
    return Mine(1)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "own.py").write_text(OWN, encoding="utf-8")
    (tmp_path / "broken.py").write_text("raise RuntimeError('no licence')", encoding="utf-8")
    (tmp_path / "leaves.py").write_text("raise SystemExit(3)", encoding="utf-8")
    (tmp_path / "needs.py").write_text("import not_installed_anywhere", encoding="utf-8")
    return tmp_path


def strategy_class(name: str, *, folder: Path) -> type:
    return Catalog(base=folder).find("strategy", name).load()


def refusal(name: str, folder: Path) -> str:
    with pytest.raises(PluginError) as caught:
        strategy_class(name, folder=folder)
    return str(caught.value)


@pytest.mark.parametrize("name", POINTS["strategy"].shipped)
def test_every_strategy_that_ships_is_found_by_its_name(name: str) -> None:
    """The names of the built-in strategies lead to classes that can be made without settings."""
    assert made(strategy_class(name, folder=Path()), {})


def test_a_class_of_a_module_is_found() -> None:
    """`package.module:Class` names any class that can be imported."""
    assert strategy_class("ropewalk.strategies.examples:Momentum", folder=Path()) is Momentum


def test_a_class_of_a_file_is_found_beside_the_run_file(folder: Path) -> None:
    """`file.py:Class` is relative to the folder, and its objects can be copied and pickled."""
    kind = strategy_class("own.py:Mine", folder=folder)
    own = made(kind, {"window": 3})
    assert copy.deepcopy(own).window == pickle.loads(pickle.dumps(own)).window == 3


def test_a_file_is_run_once_for_each_of_its_contents(folder: Path) -> None:
    """Two strategies of one file share its module; a changed file is another module."""
    kind = strategy_class("own.py:Mine", folder=folder)
    assert strategy_class("own.py:Mine", folder=folder) is kind
    (folder / "own.py").write_text(OWN + "\n# changed\n", encoding="utf-8")
    assert strategy_class("own.py:Mine", folder=folder) is not kind


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("momentm", "there is no strategy 'momentm'; did you mean 'momentum'?"),
        ("zzz", "known: buy-and-hold, momentum"),
        (":Mine", "package.module:Class"),
        ("no_such_package.inner:Thing", "there is no module 'no_such_package'; install the package"),
        ("ropewalk.strategies.exampels:Momentum", "there is no module 'ropewalk.strategies.exampels'"),
        ("ropewalk.strategies.examples:Momentun", "has no class 'Momentun'; did you mean 'Momentum'?"),
        ("own.py:Min", "own.py has no class 'Min'; did you mean 'Mine'?"),
        ("own.py:factory", "own.py:factory is no strategy"),
        ("own.py:factory", "it is a function, where a class is needed"),
        ("own.py:Half", "own.py:Half is no strategy: it needs should_enter(bars) and should_exit(position, bars)"),
        ("own.py:Half", "its methods: should_enter, should_leave"),
        ("ropewalk.strategies.protocol:Strategy", "its methods: none"),
        ("onw.py:Mine", "did you mean 'own.py'?"),
        ("nowhere/own.py:Mine", "(No such file or directory); known: none"),
        ("broken.py:Mine", "broken.py raised RuntimeError: no licence"),
        ("leaves.py:Mine", "leaves.py raised SystemExit: 3"),
        ("needs.py:Mine", "needs.py raised ModuleNotFoundError: No module named 'not_installed_anywhere'"),
    ],
)
def test_what_cannot_be_found_is_said(name: str, said: str, folder: Path) -> None:
    """An error names what was looked for, what is there, and the closest of it."""
    assert said in refusal(name, folder)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("raise ValueError('odd')", "importing half_module raised ValueError: odd"),
        ("import not_installed_anywhere", "importing half_module raised ModuleNotFoundError: No module named"),
    ],
)
def test_a_module_that_fails_to_import_is_not_called_missing(
    text: str, said: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A module that is there but raises is told with its cause."""
    (folder / "half_module.py").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder))
    assert said in refusal("half_module:Thing", folder)


def test_settings_that_a_class_does_not_take_are_named() -> None:
    """Unknown settings are offered the closest known one."""
    assert refused_settings(Momentum, {"short_windw": 3}) == [
        "C64 short_windw: Momentum has no such setting; did you mean 'short_window'?"
    ]
    assert refused_settings(Momentum, {"short_window": 3}) == []


def test_settings_that_a_class_needs_are_named(folder: Path) -> None:
    """A parameter without a default has to be set."""
    assert refused_settings(strategy_class("own.py:Mine", folder=folder), {}) == ["C64 window: is needed by Mine"]


def test_a_class_that_takes_anything_refuses_nothing() -> None:
    """`**settings` takes all; a class that hides its signature is left to refuse by itself."""

    class Open:
        def __init__(self, **settings: object) -> None: ...

    class Hidden:
        __signature__ = "none"

    assert refused_settings(Open, {"any": 1}) == refused_settings(Hidden, {"any": 1}) == []
