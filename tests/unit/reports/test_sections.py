"""Sections of one's own: what they may show, and that none of them can break the page."""

from __future__ import annotations

import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import polars as pl
import pytest
from typer.testing import CliRunner

from recorded_runs import flat
from ropewalk import BuyAndHold, Section, StrategyOrchestrator
from ropewalk.cli.main import app
from ropewalk.cli.report import write_report
from ropewalk.journal import Recording
from ropewalk.reports.page.sections import ROWS_MAX, plain_html, shown_sections


@cache
def ran() -> tuple[Any, Any]:
    """A small run and its bars."""
    data = flat("GLD", 10, 11, 12, 11, 13)
    result = StrategyOrchestrator({"hold": (BuyAndHold(), "0.5")}, 1_000).run(data, journal=Recording(mode="memory"))
    return result, data


def page_with(folder: Path, **sections: Any) -> str:
    result, data = ran()
    path = folder / "report.html"
    write_report(result.journal.content, path, data=data, sections=sections)
    return path.read_text(encoding="utf-8")


def own(page: str) -> list[str]:
    """The sections of one's own, as they stand on the page."""
    return re.findall(r'<section class="own".*?</section>', page, re.DOTALL)


def test_a_section_shows_text_a_table_a_figure_and_html(tmp_path: Path) -> None:
    """In this order, before what the run was made of."""

    def all_of_it(result: Any) -> Section:
        return Section(
            title="Mine",
            text=f"{len(result.fills)} fill.\n\nAnd no more.",
            table=[{"a": 1, "b": None}, {"a": 1234.5}],
            figure=go.Figure(go.Bar(x=["x"], y=[1])),
            html="<p>plain <b>bold</b></p>",
        )

    page = page_with(tmp_path, mine=all_of_it)
    (section,) = own(page)
    parts = ["Mine", "<p>1 fill.</p>", "<p>And no more.</p>", "1,234.5", "data-figure=", "<p>plain <b>bold</b></p>"]
    places = [section.index(part) for part in parts]
    assert places == sorted(places)
    assert section.count("<td>–</td>") == 2
    assert page.index(section) < page.index('<section id="run"')


@pytest.mark.parametrize(
    "frame",
    [pl.DataFrame({"n": range(ROWS_MAX + 7)}), pd.DataFrame({"n": range(ROWS_MAX + 7)})],
    ids=["polars", "pandas"],
)
def test_a_table_may_be_a_frame_and_is_not_endless(frame: Any) -> None:
    """What is left out is counted."""
    (shown,) = shown_sections({"one": lambda result: Section(title="Rows", table=frame)}, ran()[0])
    assert (shown.columns, len(shown.rows), shown.left_out, shown.wrong) == (("n",), ROWS_MAX, 7, "")


def fails(result: Any) -> Section:
    raise ValueError("</section><script>alert(1)</script>")


@pytest.mark.parametrize(
    ("section", "said"),
    [
        (fails, "it raised ValueError: &lt;/section&gt;&lt;script&gt;"),
        (lambda result: "<b>", "it returned &#39;&lt;b&gt;&#39;; return a Section"),
        (lambda result: Section(title="T", table=5), "it raised"),
        (lambda result: Section(title="T", figure=5), "it raised AttributeError"),
        (lambda result: Section(title="T", figure=go.Figure(go.Heatmap(z=[[1]]))), "heatmap; a page draws"),
    ],
)
def test_a_section_that_fails_says_so_in_its_place(tmp_path: Path, section: Any, said: str) -> None:
    """And harms no other."""
    page = page_with(tmp_path, bad=section, good=lambda result: Section(title="Good"))
    bad, good = own(page)
    assert said in bad
    assert "Good" in good


def test_a_report_without_curves_has_nothing_to_show() -> None:
    assert shown_sections({"one": fails}, None)[0].wrong == "it is made of curves and figures, and this report has none"


HOSTILE = '</section></main><script>alert(1)</script>{{ 7 * 7 }}"><img src=x onerror=alert(2)>'


def test_nothing_in_a_section_is_taken_for_the_page(tmp_path: Path) -> None:
    """Titles, texts, cells, figures and HTML are escaped or reduced; the page's own elements are all there."""

    def hostile(result: Any) -> Section:
        figure = go.Figure(go.Bar(x=[HOSTILE], y=[1]))
        return Section(title=HOSTILE, text=HOSTILE, table=[{HOSTILE: HOSTILE}], figure=figure, html=HOSTILE)

    page, plain = page_with(tmp_path, bad=hostile), page_with(tmp_path)
    assert len(own(page)) == 1
    assert "alert(1)</script>" not in page
    assert "<img" not in own(page)[0]
    assert page.count("</section>") == plain.count("</section>") + 1
    assert page.count("<script") == plain.count("<script")


class Balance(HTMLParser):
    """Counts what is open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.attributes: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.attributes += [name for name, _ in attrs]
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize(
    ("given", "becomes"),
    [
        ("<p>a</p>", "<p>a</p>"),
        ("<ul><li>a<li>b</ul>c", "<ul><li>a<li>b</li></li></ul>c"),
        ("a & b &lt; c", "a &amp; b &lt; c"),
        ('<td colspan="2" rowspan=x style="y">', '<td colspan="2"></td>'),
        ("<script>x()</script>y<style>z</style>", "y"),
        ("<script>never closed", ""),
        ("</p></div>a<br/>", "a<br>"),
        ("<iframe src=x>a</iframe><!-- c --><?php d ?>", "a"),
        ("<svg onload=x()><a href=javascript:x()>t</a>", "t"),
        ("<b <i>t", "<b>t</b>"),
    ],
)
def test_html_is_reduced_to_plain_tags_that_are_closed(given: str, becomes: str) -> None:
    """No attribute but spans, no script, no link, nothing open."""
    plain = plain_html(given)
    assert plain == becomes
    balance = Balance()
    balance.feed(plain)
    assert balance.open == []
    assert set(balance.attributes) <= {"colspan", "rowspan"}


CODE = """
from ropewalk import Section

def count(result):
    return Section(title="How many", text=f"{len(result.fills)} fills")
"""
RUN = """
[plugins]
paths = ["own"]
[data]
source = "synthetic"
bars = 60
[strategies.hold]
use = "buy-and-hold"
weight = 0.5
"""


def test_sections_are_named_in_a_run_file_and_on_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run writes its file's; a report of a journal those that it is asked for, beside those of the file."""
    monkeypatch.chdir(tmp_path)
    place = tmp_path / "own" / "report_sections"
    place.mkdir(parents=True)
    (place / "count.py").write_text(CODE, encoding="utf-8")
    path = tmp_path / "run.toml"
    path.write_text(RUN + '[[sections]]\nuse = "count"\n', encoding="utf-8")

    def told(*arguments: str, code: int = 0) -> str:
        answer = CliRunner().invoke(app, [*map(str, arguments)])
        assert answer.exit_code == code, answer.output
        return answer.output

    told("run", "run.toml", "--report", "first.html")
    assert ["1 fills" in one for one in own(Path("first.html").read_text())] == [True]
    (folder,) = (tmp_path / "runs").iterdir()
    told("report", folder, "-o", "none.html")
    assert own(Path("none.html").read_text()) == []
    told("report", folder, "-o", "asked.html", "--section", "count", "--section", "count", "--plugins", "own")
    assert len(own(Path("asked.html").read_text())) == 2
    told("report", folder, "-o", "both.html", "--run", "run.toml")
    assert len(own(Path("both.html").read_text())) == 1
    said = told("report", folder, "-o", "x.html", "--section", "coun", "--plugins", "own", code=2)
    assert "C61 --section coun.use: there is no report section 'coun'; did you mean 'count'?" in said
    path.write_text(RUN + '[[sections]]\nuse = "count"\nsettings = { x = 1 }\n', encoding="utf-8")
    assert "C64 sections[0].settings.x: count has no such setting" in told("run", "run.toml", code=2)
