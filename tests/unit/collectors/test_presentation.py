"""What a notebook shows of results, books and conflicts."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest

from recorded_runs import TALES
from ropewalk import BuyAndHold, StrategyOrchestrator, synthetic_feed
from ropewalk.collectors.conflicts import Conflicts


class Cells(HTMLParser):
    """The texts of a page's cells; every tag that opens has to close."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.fixture(scope="module")
def result() -> Any:
    return TALES["everything"].run()


def test_a_result_shows_its_comparison(result: Any) -> None:
    texts = Cells(result._repr_html_()).texts
    assert {"gold", "oil", "falls", "aggregate", "sharpe"} <= {*texts}
    assert result.reconciliation in texts


def test_a_strategy_shows_its_row(result: Any) -> None:
    texts = Cells(result.get_strategy_result("oil")._repr_html_()).texts
    assert "oil" in texts
    assert "gold" not in texts


def test_books_show_cash_positions_and_worth(result: Any) -> None:
    """One book or all of them; the pool has its name."""
    texts = Cells(result.books._repr_html_()).texts
    assert [text for text in texts if text in ("gold", "oil", "falls", "pool")] == ["gold", "oil", "falls", "pool"]
    assert "-38 OIL" in texts
    one = Cells(result.books["gold"]._repr_html_()).texts
    assert "-38 OIL" in one
    assert "pool" not in one


def test_conflicts_show_who_wanted_what(result: Any) -> None:
    texts = Cells(result.conflicts._repr_html_()).texts
    assert texts[0] == "5 conflicts: 2 opposed, 2 crowded, 1 entry_against_exit"
    assert "gold (buy), oil (sell)" in texts
    assert isinstance(result.get_strategy_result("oil").conflicts, Conflicts)
    many = Cells(Conflicts(result.conflicts * 5)._repr_html_()).texts
    assert many[-1] == "… and 5 more"


def test_no_conflicts_are_a_sentence() -> None:
    result = StrategyOrchestrator({"hold": (BuyAndHold(), 1)}).run(synthetic_feed(1, 3))
    assert result.conflicts == ()
    assert "no conflicts" in result.conflicts._repr_html_()
