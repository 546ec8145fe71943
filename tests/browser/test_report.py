"""The report as a person meets it: opened, clicked, filtered, printed and read on a phone, in a real browser."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import pytest

from browser.conftest import PHONE, Open, Watch
from report_runs import HOSTILE, HOSTILE_SYMBOL, HOSTILE_TALE, ODD, journal_of, reported
from ropewalk import Section
from ropewalk.cli.report import write_report
from ropewalk.events import Conflict, Decision
from ropewalk.journal import explain, read, replay

CHARTS = ("equity", "allocation", "exposure", "conflicts", "prices")


def drawn(page: Any, name: str) -> Any:
    """Bring a chart into view and wait until it is drawn."""
    chart = page.locator(f"[data-chart={name}]")
    chart.scroll_into_view_if_needed()
    page.wait_for_selector(f"[data-chart={name}][data-drawn]")
    return chart


def layout(page: Any, name: str, what: str) -> Any:
    return page.evaluate(f"document.querySelector('[data-chart={name}]')._fullLayout.{what}")


def count(page: Any, table: str = "decisions") -> int:
    """The number of rows that a table says it has."""
    told = page.locator(f"[data-table={table}] [role=status]").inner_text()
    return int(told.split(" of ")[-1].split(" ")[0].replace(",", ""))


# ── the watch itself ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "planted",
    [
        "console.error('planted')",
        "console.warn('planted')",
        "throw new Error('planted')",
        "fetch('https://example.invalid/')",
        "new Image().src = 'file:///somewhere.png'",
        "alert('planted')",
    ],
)
def test_whatever_goes_wrong_on_a_page_is_seen(browser: Any, tmp_path: Path, planted: str) -> None:
    path = tmp_path / "page.html"
    path.write_text(f"<!doctype html><link rel=icon href=data:,><script>{planted}</script><p id=end>end</p>")
    page, watch = browser.new_page(), Watch()
    watch.over(page, path)
    page.goto(path.as_uri())
    page.wait_for_selector("#end")
    page.close()
    assert watch.problems


# ── opening ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_chart_is_drawn(opened: Open, report: Path) -> None:
    page = opened(report)
    for name in CHARTS:
        assert drawn(page, name).locator("svg.main-svg").count()
    assert page.locator("#failure").is_hidden()


def test_without_scripts_the_figures_are_there(opened: Open, report: Path) -> None:
    """Who cannot or will not run scripts reads the same tables."""
    page = opened(report, is_ready=False, java_script_enabled=False)
    for words in ("Final equity", "Returns by month", "Who met whom", "Limits", "What limits these results"):
        assert page.get_by_text(words).first.is_visible()


def test_the_figures_are_those_of_the_result(opened: Open, report: Path, run_folder: Path) -> None:
    result = replay(run_folder).result
    page = opened(report)
    row = page.locator("table.comparison tr", has_text="trend").locator("td").all_inner_texts()
    trend = result.get_strategy_result("trend")
    assert f"{trend.final_equity:,.0f}" in row
    assert f"{trend.metrics.sharpe:.2f}" in row
    assert count(page) == len(result.decisions)
    drawn(page, "equity")
    page.click("button[data-value=equity]")
    last = page.evaluate("document.querySelector('[data-chart=equity]').data[0].y.at(-1)")
    assert last == pytest.approx(float(result.final_equity), abs=1e-6)


# ── charts ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_scale_is_switched(opened: Open, report: Path) -> None:
    page = opened(report)
    drawn(page, "equity")
    assert layout(page, "equity", "yaxis.type") == "linear"
    page.click("[data-modes=scale] button[data-value=log]")
    assert layout(page, "equity", "yaxis.type") == "log"
    assert page.locator("[data-modes=scale] [data-value=log]").get_attribute("aria-pressed") == "true"


def test_one_zoom_is_a_zoom_of_all(opened: Open, report: Path) -> None:
    page = opened(report)
    drawn(page, "equity")
    drawn(page, "allocation")
    page.click("[data-modes=span] button[data-value='1']")
    assert layout(page, "allocation", "xaxis.range") == layout(page, "equity", "xaxis.range")
    plot = drawn(page, "allocation").locator("rect.nsewdrag").first.bounding_box()
    page.mouse.move(plot["x"] + 100, plot["y"] + 80)
    page.mouse.down()
    page.mouse.move(plot["x"] + 400, plot["y"] + 80, steps=5)
    page.mouse.up()
    page.wait_for_function("document.querySelector('[data-chart=equity]')._fullLayout.xaxis.range[0] > '2009-01-10'")


def test_a_point_tells_its_values(opened: Open, report: Path) -> None:
    page = opened(report)
    plot = drawn(page, "equity").locator("rect.nsewdrag").first.bounding_box()
    page.mouse.move(plot["x"] + plot["width"] / 2, plot["y"] + plot["height"] / 2)
    page.wait_for_selector("[data-chart=equity] .hoverlayer .legend")
    told = page.locator("[data-chart=equity] .hoverlayer").text_content()
    assert "Account" in told
    assert "trend" in told


def test_the_theme_is_the_systems_until_one_is_chosen(opened: Open, report: Path) -> None:
    background = "getComputedStyle(document.body).backgroundColor"
    light, dark = opened(report), opened(report, color_scheme="dark")
    assert light.evaluate(background) != dark.evaluate(background)
    drawn(light, "equity")
    before = light.evaluate("document.querySelector('[data-chart=equity]').data[0].line.color")
    light.focus("#theme")
    light.keyboard.press("Enter")
    assert light.evaluate(background) == dark.evaluate(background)
    assert light.evaluate("document.querySelector('[data-chart=equity]').data[0].line.color") != before


def test_a_strategy_has_one_colour_everywhere(opened: Open, report: Path) -> None:
    page = opened(report)
    drawn(page, "equity")
    drawn(page, "prices")
    swatch = page.evaluate("getComputedStyle(document.querySelectorAll('.comparison .swatch')[1]).backgroundColor")
    for name, key in (("equity", "line"), ("prices", "marker")):
        told = page.evaluate(
            f"document.querySelector('[data-chart={name}]').data.find((one) => one.name === 'fast').{key}.color"
        )
        assert told == swatch


# ── decisions ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_decisions_are_filtered_searched_sorted_and_turned(opened: Open, report: Path, run_folder: Path) -> None:
    decisions = [one.event for one in read(run_folder) if isinstance(one.event, Decision)]
    page = opened(report)
    rows = page.locator("[data-table=decisions] tbody tr")
    assert count(page) == len(decisions)
    assert rows.count() == 25
    page.click("[data-table=decisions] [aria-label='Next page']")
    assert "26 to 50" in page.locator("[data-table=decisions] [role=status]").inner_text()
    page.select_option("[data-filter=strategy]", label="fast")
    assert count(page) == sum(one.strategy == "fast" for one in decisions)
    page.fill("#search", "ibm 2008-09")
    expected = [one for one in decisions if one.strategy == "fast" and one.symbol == "IBM"]
    expected = [one for one in expected if f"{one.timestamp:%Y-%m}" == "2008-09"]
    assert count(page) == len(expected) > 0
    assert set(rows.locator("td").nth(2).all_inner_texts()) == {"IBM"}
    page.fill("#search", "no such thing")
    assert rows.all_inner_texts() == ["No decision fits the filters."]
    page.click("#clear")
    assert count(page) == len(decisions)
    page.check("[data-filter=conflict]")
    met = {intent for one in read(run_folder) if isinstance(one.event, Conflict) for intent in one.event.intents}
    caused = [one.cause for one in read(run_folder) if isinstance(one.event, Decision)]
    assert count(page) == sum(cause in met for cause in caused) > 0
    page.click("#clear")
    assert count(page) == len(decisions)
    page.click("[data-table=decisions] th button >> text=Asked")
    largest = max(one.asked_micros for one in decisions) / 1e6
    assert rows.first.locator("td").nth(6).inner_text() == f"{largest:,.0f}"


def test_a_decision_is_explained_as_explain_does(opened: Open, report: Path, run_folder: Path) -> None:
    page = opened(report)
    page.locator("[data-table=decisions] tbody button").nth(3).click()
    dialog = page.locator("dialog#story")
    dialog.wait_for(state="visible")
    number = int(page.locator("#story-title").inner_text().split()[2])
    told = explain(run_folder, fill=number)
    expected = [text for one in told.passages if one.part in ("cause", "event") for text in one.sentences]
    assert dialog.locator(".chain p").all_inner_texts() == expected
    page.keyboard.press("Escape")
    assert dialog.is_hidden()


def test_a_click_on_a_fill_explains_it(opened: Open, report: Path) -> None:
    page = opened(report)
    drawn(page, "prices")
    place = page.evaluate(
        """() => {
          const chart = document.querySelector('[data-chart=prices]');
          chart.scrollIntoView({ block: 'center', behavior: 'instant' });
          const { xaxis, yaxis } = chart._fullLayout, box = chart.getBoundingClientRect();
          const fills = chart.data.find((one) => one.mode === 'markers');
          return { x: box.x + xaxis._offset + xaxis.d2p(fills.x[0]), y: box.y + yaxis._offset + yaxis.d2p(fills.y[0]),
                   all: chart.data.filter((one) => one.mode === 'markers').flatMap((one) => [...one.customdata]) };
        }"""
    )
    page.mouse.move(place["x"] - 4, place["y"])
    page.mouse.move(place["x"], place["y"], steps=3)
    page.wait_for_selector("[data-chart=prices] .hoverlayer .hovertext")
    page.mouse.click(place["x"], place["y"])
    page.locator("dialog#story").wait_for(state="visible")
    assert int(page.locator("#story-title").inner_text().split()[2]) in place["all"]


def test_a_pair_of_strategies_shows_its_conflicts(opened: Open, report: Path, run_folder: Path) -> None:
    result = replay(run_folder).result
    met = [one for one in result.conflicts if {"fast", "revert"} <= {*one.strategies}]
    wanted = Counter(name for one in met for name in one.strategies if name in ("fast", "revert"))
    page = opened(report)
    cell = page.locator("button[data-pair='1 2']")
    assert cell.inner_text().startswith(str(len(met)))
    cell.click()
    assert count(page) == wanted.total() > 0


def test_a_symbol_and_a_strategy_choose_the_round_trips(opened: Open, report: Path, run_folder: Path) -> None:
    result = replay(run_folder).result
    page = opened(report)
    drawn(page, "prices")
    page.select_option("[data-select=symbol]", label="IBM")
    page.select_option("[data-select=trader]", label="trend")
    assert count(page, "trips") == sum(one.symbol == "IBM" and one.strategy == "trend" for one in result.round_trips)
    names = page.evaluate("document.querySelector('[data-chart=prices]').data.map((one) => one.name)")
    assert "IBM" in names
    assert "fast" not in names
    page.select_option("[data-select=calendar]", label="fast")
    assert page.locator("[data-calendar='2']").is_visible()
    assert page.locator("[data-calendar='0']").is_hidden()


# ── on a phone, on paper, without a mouse ─────────────────────────────────────────────────────────────────────────────


def test_a_phone_shows_it_without_sideways_scrolling(opened: Open, report: Path) -> None:
    page = opened(report, viewport=PHONE, has_touch=True, is_mobile=True)
    for name in CHARTS:
        assert drawn(page, name).bounding_box()["width"] <= PHONE["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_paper_is_light_and_has_no_buttons(opened: Open, report: Path) -> None:
    page = opened(report, color_scheme="dark")
    drawn(page, "equity")
    page.emulate_media(media="print")
    assert page.locator("header.top").is_hidden()
    assert page.locator("#search").is_hidden()
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert min(map(int, paper.removeprefix("rgb(").removesuffix(")").split(","))) > 240
    ink = page.evaluate("document.querySelector('[data-chart=equity]').data[0].line.color")
    assert max(map(int, ink.removeprefix("rgb(").removesuffix(")").split(","))) < 60
    content = page.pdf(format="A4", prefer_css_page_size=True)
    assert 3 <= content.count(b"/Type /Page\n") + content.count(b"/Type /Page ") <= 14


def test_the_keyboard_reaches_everything(opened: Open, report: Path) -> None:
    page = opened(report)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    seen = []
    for _ in range(140):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.id || document.activeElement.dataset.select || ''"))
        if "search" in seen:
            break
    for wanted in ("theme", "calendar", "exposure", "symbol", "search"):
        assert wanted in seen


def test_everything_has_a_name(opened: Open, report: Path) -> None:
    """Every control and every picture says what it is to who does not see it."""
    page = opened(report)
    nameless = page.evaluate(
        """() => [...document.querySelectorAll('button, select, input, [role=img], [role=region]')].filter((one) =>
             !(one.getAttribute('aria-label') || one.textContent.trim() || (one.labels && one.labels.length)
               || one.closest('label'))).map((one) => one.outerHTML.slice(0, 120))"""
    )
    assert nameless == []
    assert page.evaluate("document.querySelectorAll('h1').length") == 1


# ── what a report has to bear with ────────────────────────────────────────────────────────────────────────────────────

NO_WORDS = ("NaN", "undefined", "null", "Infinity", "[object")


def words(page: Any) -> str:
    height = page.evaluate("document.documentElement.scrollHeight")
    for top in range(0, height, 800):
        page.evaluate(f"scrollTo({{ top: {top}, behavior: 'instant' }})")
    for chart in page.locator("[data-chart]").all():
        drawn(page, chart.get_attribute("data-chart"))
    said: str = page.locator("body").inner_text() + "".join(page.locator("svg text").all_text_contents())
    return said


@pytest.mark.parametrize("name", ODD)
def test_an_odd_run_has_a_clear_page(opened: Open, tmp_path: Path, name: str) -> None:
    told = words(opened(reported(name, tmp_path)))
    assert not [word for word in NO_WORDS if word in told]


def test_a_single_instant_is_shown_in_days(opened: Open, tmp_path: Path) -> None:
    page = opened(reported("one bar", tmp_path))
    told = drawn(page, "equity").locator("svg text").all_text_contents()
    assert not [text for text in told if ".0005" in text or ":59" in text]


@pytest.mark.parametrize("share", [0.0, 0.3, 0.999])
def test_an_incomplete_journal_has_a_page(opened: Open, tmp_path: Path, share: float) -> None:
    content = journal_of("actions")
    end = max(content.find(b"\n") + 1, int(len(content) * share))
    path = write_report(content[:end], tmp_path / "report.html").path
    told = words(opened(path))
    assert "No curves, returns and metrics" in told
    assert not [word for word in NO_WORDS if word in told]


class Unreadable:
    """A figure whose data no page can read."""

    def to_json(self) -> str:
        return '{"data": [{"type": "bar", "x": '


def test_a_figure_of_ones_own_is_drawn_and_one_that_cannot_be_says_so(
    opened: Open, run_folder: Path, tmp_path: Path
) -> None:
    """Each by itself; text, table and HTML beside them are there, and the page's own charts, too."""
    bars = go.Figure(go.Bar(x=["a", "b"], y=[1, 3]))
    sections = {
        "bad": lambda result: Section(title="Bad", figure=Unreadable()),
        "good": lambda result: Section(title="Good", figure=bars, html="<b>bold<script>alert(5)</script>"),
    }
    page = opened(write_report(run_folder, tmp_path / "report.html", sections=sections).path)
    bad, good = page.locator("section.own").all()
    assert "This figure cannot be drawn" in bad.inner_text()
    good.scroll_into_view_if_needed()
    good.locator(".bars path").first.wait_for(state="attached")
    assert good.locator(".bars path").count() == 2
    assert good.locator("b").inner_text() == "bold"
    drawn(page, "equity")


def test_hostile_names_are_only_names(opened: Open, tmp_path: Path) -> None:
    """Nothing that a journal says is run, and everything is shown as it was written."""
    data = HOSTILE_TALE.tale.data()
    page = opened(write_report(HOSTILE_TALE.journal(), tmp_path / "report.html", data=data).path)
    told = words(page)
    for name in (*HOSTILE, HOSTILE_SYMBOL, "<script>alert(9)</script>"):
        assert name in told
    assert {*HOSTILE} < {*page.locator("[data-chart=equity] .legendtext").all_text_contents()}
    assert HOSTILE_SYMBOL in page.locator("[data-chart=prices] .legendtext").all_text_contents()
    page.fill("#search", "<script>")
    page.locator("[data-table=decisions] tbody button").first.click()
    page.locator("dialog#story").wait_for(state="visible")
    page.keyboard.press("Escape")
    page.select_option("[data-filter=strategy]", label=HOSTILE[2])
    page.fill("#search", "")
    page.locator("[data-table=decisions] tbody button").first.click()
    assert "</script><script>alert(4)</script>" in page.locator("dialog#story").inner_text()
    assert page.evaluate("document.querySelectorAll('img, b, [onerror], [onclick]').length") == 0
