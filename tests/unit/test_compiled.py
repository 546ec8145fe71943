"""
The build of the compiled core, and what being compiled must not change.

Most of it is shown by the other tests, which `make compiled-test` runs against the compiled core. Here is what they do
not look at.
"""

from __future__ import annotations

import ast
import copy
import os
import pickle
import subprocess
import sys
import traceback
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import ropewalk
from compiled_core import is_compiled
from ropewalk import Bar, Strategy, StrategyOrchestrator, buy, feed_of
from ropewalk.bus import Bus, Phase
from ropewalk.errors import LedgerError
from ropewalk.ledger.book import Book
from ropewalk.money import price_micros_half_even

TREE = Path(__file__).parents[2]
sys.path.insert(0, str(TREE))
import hatch_build  # noqa: E402

NAMES = [f"ropewalk.{name.removesuffix('.py').replace('/', '.')}" for name in hatch_build.MODULES]
BARS = [Bar("AAA", 86_400_000_000 * day, 10.0, 11.0, 9.0, 10.0) for day in range(1, 6)]


# ── the build ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_without_a_compiler_the_build_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is done, and with the names of packages."""
    monkeypatch.setenv("CC", "no-such-compiler -O2")
    assert "there is no no-such-compiler; install one" in hatch_build.what_is_lacking()
    assert "gcc" in hatch_build.what_is_lacking()


def test_without_headers_the_build_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A Python may come without them."""
    monkeypatch.setenv("CC", sys.executable)
    monkeypatch.setattr(hatch_build.sysconfig, "get_path", lambda name: str(tmp_path))
    assert "Python.h; install it" in hatch_build.what_is_lacking()


def test_nothing_that_is_not_compiled_inherits_from_what_is() -> None:
    """A native class has no interpreted heirs, so whoever inherits from one is in the list as well."""
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted((TREE / "src").rglob("*.py"))}
    compiled = {TREE / "src" / "ropewalk" / name for name in hatch_build.MODULES}
    assert compiled <= trees.keys()
    native = {node.name for path in compiled for node in trees[path].body if isinstance(node, ast.ClassDef)}
    outside = [
        f"{path.name}: {node.name}({base.id})"
        for path, tree in trees.items()
        if path not in compiled
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for base in node.bases
        if isinstance(base, ast.Name) and base.id in native
    ]
    assert outside == []


@pytest.mark.skipif(not is_compiled(), reason="the sources are under test; make compiled-test tests the compiled core")
def test_all_of_the_core_is_compiled() -> None:
    """A module that fell back to its source would be slow, and silently so."""
    files = {name: str(import_module(name).__file__) for name in NAMES}
    assert {name: file for name, file in files.items() if file.endswith(".py")} == {}


# ── what being compiled must not change ──────────────────────────────────────────────────────────────────────────────


class Once(Strategy):
    """Buys at the first bar."""

    def __init__(self, raises: BaseException | None = None) -> None:
        self.is_done = False
        self.raises = raises

    def on_bar(self, bar: Bar, view: Any) -> Any:
        if self.raises is not None:
            raise self.raises
        if not self.is_done:
            self.is_done = True
            return buy(bar.symbol, fraction=1)
        return None


def test_money_has_no_bound() -> None:
    """Amounts are Python's integers, also where they are kept in a machine word as long as they fit one."""
    book = Book("one")
    book.contribute(2**80)
    assert book.post("AAA", 2**40, 2**35, 2**70) == (0, 0)
    assert book.cash_micros == 2**80 - 2**75 - 2**70
    assert book.post("AAA", -(2**40), 2**35 + 1, 0) == (-(2**40), 2**40)
    with pytest.raises(LedgerError, match=str(2**90)):
        book.release(2**90)


@pytest.mark.parametrize("price", [0.5, 1.5, 2.5, 2.0**51 + 0.5, 2.0**52 - 0.5, 2.0**52 + 1, 2.0**70, -1.5, -0.0])
def test_prices_are_rounded_as_python_rounds(price: float) -> None:
    """Half to even at every size, and alike below zero."""
    assert price_micros_half_even(price, 1.0) == round(price)


@pytest.mark.parametrize("price", [float("nan"), float("inf")])
def test_what_is_no_price_is_an_error(price: float) -> None:
    """Not an amount that looks like one."""
    with pytest.raises((ValueError, OverflowError)):
        price_micros_half_even(price)


def test_an_interrupt_ends_a_run_at_once() -> None:
    """It is nobody's failure, so no strategy is blamed for it."""
    with pytest.raises(KeyboardInterrupt):
        StrategyOrchestrator([(Once(KeyboardInterrupt()), 1)]).run(feed_of(BARS))


def test_a_traceback_leads_to_the_line() -> None:
    """Through the walk's own files, with their lines, to the strategy's."""
    with pytest.raises(Exception, match="spoilt") as caught:
        StrategyOrchestrator([(Once(ValueError("spoilt")), 1)]).run(feed_of(BARS))
    places = [(Path(one.filename).name, one.lineno, one.name) for one in traceback.extract_tb(caught.tb.tb_next)]
    (line,) = [line for file, line, name in places if file == "chorus.py" and name == "on_bar"]
    source = (TREE / "src" / "ropewalk" / "strategies" / "chorus.py").read_text(encoding="utf-8").splitlines()
    assert "fail(" in source[line - 1]
    assert "raise self.raises" in "".join(traceback.format_exception(caught.value.__cause__))


def test_a_receiver_of_the_core_is_called_and_found_again() -> None:
    """Methods of native classes are receivers like any others: held, in order, and once only."""
    bus, heard = Bus(), []
    book = Book("one")
    bus.subscribe(int, book.contribute, phase=Phase.LEDGER)
    bus.subscribe(int, heard.append, phase=Phase.MARKET)
    bus.seal()
    bus.publish(5)
    bus.drain()
    assert (book.cash_micros, heard) == (5, [5])


def test_strategies_are_copied_and_pickled_as_ever() -> None:
    """What a person writes is never native."""
    one = Once()
    assert copy.deepcopy(one).__dict__ == pickle.loads(pickle.dumps(one)).__dict__ == one.__dict__
    orchestrator = StrategyOrchestrator([(one, 1)])
    first, second = orchestrator.run(feed_of(BARS)), orchestrator.run(feed_of(BARS))
    assert len(first.fills) == len(second.fills) == 1


def test_help_for_public_names_is_there() -> None:
    """A compiled class has lost its docstrings and annotations, so no class with a public name is compiled."""
    things = {name: getattr(ropewalk, name) for name in ropewalk.__all__}
    assert [name for name, thing in things.items() if getattr(thing, "__module__", "") in NAMES] == []


def test_checks_stay_without_assertions() -> None:
    """Under `python -O` money is still checked."""
    code = (
        "from ropewalk.ledger.book import Book\nfrom ropewalk.errors import LedgerError\n"
        "try:\n    Book('one').release(1)\nexcept LedgerError as error:\n    print(error)"
    )
    path = os.pathsep.join(entry for entry in sys.path if entry)
    answer = subprocess.run(
        [sys.executable, "-O", "-c", code],
        capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip
    assert answer.stdout == "book one: releasing 1 micros leaves -1 reserved\n"
