"""The page: what it carries, that it is the same bytes, and that it says no more than is known."""

from __future__ import annotations

import hashlib
import re
import shutil
import zlib
from base64 import b64decode
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from recorded_runs import DAY_US, TALES, Says, Tale
from report_runs import HOSTILE, HOSTILE_SYMBOL, HOSTILE_TALE, ODD, journal_of, page_of, portfolio, portfolio_feed
from ropewalk import Bar, buy
from ropewalk.cli.report import write_report
from ropewalk.errors import ConfigError, JournalError, PluginError
from ropewalk.events import Decision, Fill, Split
from ropewalk.feeds.anything import feed_of
from ropewalk.journal import explain, read, replay
from ropewalk.reports.capital import capital, crossing
from ropewalk.reports.page import page as making
from ropewalk.reports.page.limitations import LIMITATIONS
from ropewalk.reports.page.palette import DASHES, STRATEGIES, dash, shade

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return portfolio(tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def text(run_folder: Path) -> str:
    return write_report(run_folder).path.read_text(encoding="utf-8")


def unpacked(text: str, name: str) -> bytes:
    found = re.search(rf'<script type="text/plain" id="{name}">([^<]*)</script>', text)
    assert found is not None
    return zlib.decompress(b64decode(found[1]))


def tree(text: str) -> dict[str, Any]:
    content = unpacked(text, "columns")
    size = int.from_bytes(content[:8], "little")
    told: dict[str, Any] = msgspec.json.decode(content[8 : 8 + size])
    return told


def visible(text: str) -> str:
    """The page without what is packed, styles and scripts."""
    return re.sub(r"<(script|style)\b.*?</\1>", "", text, flags=re.DOTALL)


@pytest.mark.no_cover
def test_the_same_run_is_the_same_page(run_folder: Path, text: str, tmp_path: Path) -> None:
    """To the byte, wherever the run lies, and whether its bars lie beside it or are given."""
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(run_folder, elsewhere)
    assert write_report(elsewhere, tmp_path / "again.html").path.read_text(encoding="utf-8") == text
    given = write_report(elsewhere, tmp_path / "given.html", data=portfolio_feed())
    assert given.path.read_text(encoding="utf-8") == text
    for lost in ("data", "gone"):
        shutil.rmtree(elsewhere / "data", ignore_errors=True)
        (tmp_path / lost).mkdir()
        shutil.copytree(elsewhere, tmp_path / lost / "run")
    pages = [write_report(tmp_path / lost / "run").path.read_bytes() for lost in ("data", "gone")]
    assert pages[0] == pages[1]
    assert str(tmp_path).encode() not in pages[0]


def test_plotly_is_what_its_page_says(text: str) -> None:
    """The script in the tree is the one that was taken from its origin, and the page carries it unchanged."""
    folder = ROOT / "src/ropewalk/reports/page/plotly"
    script = (folder / "plotly-basic.min.js").read_bytes()
    assert hashlib.sha256(script).hexdigest() in (folder / "SOURCE.md").read_text()
    assert b"</script" not in script
    assert unpacked(text, "plotly") == script


def test_nothing_is_asked_of_a_network(text: str) -> None:
    """No address but names of namespaces, and a policy that would stop anything that slipped in."""
    assert "default-src 'none'" in text
    outside = visible(text)
    assert not re.findall(r'(?:src|href)="(?!#|data:,")[^"]*"', outside)
    assert not re.findall(r"url\(|@import", text.split("</style>", maxsplit=1)[0])


def test_it_carries_what_the_run_came_to(run_folder: Path, text: str) -> None:
    result = replay(run_folder).result
    told = tree(text)
    assert [one["name"] for one in told["owners"]] == list(result.strategy_results)
    assert told["decisions"]["made"] == told["decisions"]["number"]["rows"] == len(result.decisions)
    assert {one["symbol"]: one["filled"] for one in told["prices"]} == {
        symbol: sum(fill.symbol == symbol for fill in result.fills) for symbol in ("AAPL", "IBM", "MSFT")
    }
    assert sum(one["trips"]["closed"] for one in told["prices"]) == len(result.round_trips)
    assert result.reconciliation in visible(text)


@pytest.mark.no_cover
def test_every_decision_is_explained_as_explain_does(run_folder: Path, text: str) -> None:
    """Word for word, causes and the event itself, of every tenth decision."""
    stories = msgspec.json.decode(unpacked(text, "stories"))
    records = {one.number: one for one in read(run_folder)}
    decisions = [number for number, one in records.items() if isinstance(one.event, Decision)]
    fills = {one.cause: number for number, one in records.items() if isinstance(one.event, Fill)}
    for decision in decisions[::10]:
        number = fills.get(decision, decision)
        told = [stories["passages"][place][3] for place in stories["chains"][str(number)]]
        story = explain(run_folder, number=number)
        assert told == [list(one.sentences) for one in story.passages if one.part in ("cause", "event")]


def column(text: str, place: dict[str, Any]) -> list[float]:
    """The numbers that stand behind a place of the tree."""
    content = unpacked(text, "columns")
    start = 8 + int.from_bytes(content[:8], "little") + place["from"]
    return np.frombuffer(content, f"<{place['column']}", place["rows"], start).tolist()


@pytest.mark.parametrize("rest", ["stays", "lapses"])
def test_a_decision_shows_all_that_it_filled(rest: str, tmp_path: Path) -> None:
    """All parts of an order, at their mean price, and what became of the rest; each part has its explanation."""
    model = {"kind": "volume_share", "share": "0.5", "rest": rest}
    tale = Tale(
        lambda: {"once": (Says([[buy("GLD", quantity=5)]]), 1)},
        lambda: [Bar("GLD", day * DAY_US, *[20.0 - day] * 4, 4.0) for day in range(6)],
        lambda: {"fill_model": model},
    )
    content = tale.run().journal.content
    text = write_report(content, tmp_path / "report.html", data=tale.data()).path.read_text()
    told = tree(text)["decisions"]
    found = [column(text, told[name])[0] for name in ("outcome", "fills", "filled", "price")]
    assert found == ([1, 3, 5, 18.2] if rest == "stays" else [2, 1, 2, 19.0])
    chains = msgspec.json.decode(unpacked(text, "stories"))["chains"]
    assert {str(one.number) for one in read(content) if isinstance(one.event, Fill)} <= {*chains}


def test_an_order_that_filled_on_both_sides_of_a_split_is_counted_after_it(tmp_path: Path) -> None:
    """Three lots at 19 are six at 9.50; with the four that were left at 9.30 they are ten at 9.42."""
    prices = [20.0, 19.0, 9.3, 9.3]
    bars = [Bar("GLD", day * DAY_US, *[price] * 4, 6.0) for day, price in enumerate(prices)]
    data = feed_of(bars).with_actions([Split(2 * DAY_US, "GLD", 2, 1)])
    model = {"kind": "volume_share", "share": "0.5", "rest": "stays"}
    tale = Tale(lambda: {"once": (Says([[buy("GLD", quantity=5)]]), 1)}, lambda: data, lambda: {"fill_model": model})
    result = tale.run()
    assert [(one.quantity, one.price_micros) for one in result.fills] == [
        (3, 19_000_000),
        (3, 9_300_000),
        (1, 9_300_000),
    ]
    text = write_report(result.journal.content, tmp_path / "report.html", data=data).path.read_text()
    told = tree(text)["decisions"]
    found = [column(text, told[name])[0] for name in ("fills", "filled", "split", "price")]
    assert found == [3, 10, 1, 9.42]


@pytest.mark.parametrize(("name", "told"), [("shared", capital), ("net", crossing)])
def test_the_page_says_what_moved_and_what_crossed(name: str, told: Any, tmp_path: Path) -> None:
    """Rebalances, suspensions and crossing in the words of the terminal; nothing where there was none."""
    tale = TALES[name]
    result = tale.run()
    sentences = [*told(result)]
    assert sentences
    page = write_report(result.journal.content, tmp_path / "report.html", data=tale.data()).path.read_text()
    for one in sentences:
        assert f"<p>{one}.</p>" in page
    for title, there in (("What moved", name == "shared"), ("What crossed", name == "net")):
        assert (f"<h3>{title}" in page) is there


@pytest.mark.parametrize("name", ODD)
def test_an_odd_run_never_says_nan(name: str) -> None:
    told = visible(page_of(name))
    assert not re.findall(r"\b(nan|NaN|inf|Infinity|undefined)\b", told)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("no fills", "Nothing was filled.</strong> No strategy wanted anything."),
        ("one bar", "no value: n = 0"),
        ("constant", "no value: n &lt; 2 or all returns equal"),
        ("bust", "s0 lost everything."),
        ("suspended", "s0 raised</strong> in on_bar"),
        ("close", "what is decided on a close fills at that close"),
        ("lent", "The pool goes below zero"),
        ("actions", "Dividends are paid on the ex-date, gross."),
    ],
)
def test_what_is_odd_is_said(name: str, words: str) -> None:
    assert words in re.sub(r'<span class="code">|(?<!lost everything\.)</span>', "", page_of(name))


def test_no_value_always_has_its_reason() -> None:
    told = visible(page_of("one bar"))
    reasons = re.findall(r'<span class="none" title="no value: ([^"]*)">—', told)
    assert reasons
    assert all(reasons)


# ── journals that are not whole ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("place", ["torn", "spoiled", "without its end"])
def test_a_journal_that_is_not_whole_has_a_page_that_says_so(tmp_path: Path, place: str) -> None:
    content = journal_of("actions")
    half = content.index(b"\n", len(content) // 2) + 1
    spoiled = content[:half] + content[half:].replace(b'"buy"', b'"bug"', 1)
    given, words = {
        "torn": (content[: half + 9], "<strong>The journal is damaged.</strong>"),
        "spoiled": (spoiled, "The journal is damaged."),
        "without its end": (content[:half], "<strong>Incomplete.</strong>"),
    }[place]
    written = write_report(given, tmp_path / "report.html")
    told = visible(written.path.read_text(encoding="utf-8"))
    assert words in told
    assert told.count("ropewalk verify") == (place != "without its end")
    if place != "without its end":
        line = content.count(b"\n", 0, half) + 1 if place == "torn" else None
        assert re.search(rf"What is wrong: line {line or '[0-9]+'}, byte \d+: .+\. This page has", told)
    assert "No curves, returns and metrics." in told
    assert written.missing
    records = [one.event for one in read(content[:half])]
    decisions = sum(isinstance(one, Decision) for one in records)
    assert tree(written.path.read_text())["decisions"]["made"] >= decisions > 0


@pytest.mark.parametrize("content", [b"", b"{}\n", b"PK\x03\x04 and more\n"])
def test_what_is_no_journal_is_an_error(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(JournalError, match=r"begins with a header|zip archive|not a journal"):
        write_report(content, tmp_path / "report.html")
    assert not (tmp_path / "report.html").exists()


def test_data_of_another_run_are_refused(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="the data given have digest"):
        write_report(journal_of("actions"), tmp_path / "report.html", data=ODD["bust"].data())


def test_a_page_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be written"):
        write_report(journal_of("no fills"), tmp_path)
    with pytest.raises(ConfigError, match="say where to write it"):
        write_report(journal_of("no fills"))


def test_what_is_not_installed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "find_spec", lambda name: None)
    with pytest.raises(PluginError, match=r"pip install 'ropewalk\[report\]'"):
        write_report(journal_of("no fills"), tmp_path / "report.html")


# ── names that somebody chose ─────────────────────────────────────────────────────────────────────────────────────────


def test_hostile_names_are_escaped(tmp_path: Path) -> None:
    """Nothing of what a journal says is markup."""
    path = write_report(HOSTILE_TALE.journal(), tmp_path / "report.html", data=HOSTILE_TALE.tale.data()).path
    text = path.read_text(encoding="utf-8")
    for name in (*HOSTILE, HOSTILE_SYMBOL):
        assert name not in text
    assert "&lt;script&gt;alert(1)" in text
    assert "{{ 7 * 7 }}" in text
    assert len(re.findall("</script>", text)) == 4


# ── limitations and colours ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("one", LIMITATIONS, ids=lambda one: one.assumption)
def test_limitations_are_those_of_the_docs(one: Any) -> None:
    """Word for word, so that a page cannot claim what the docs do not."""
    rows = [line.split(" | ") for line in (ROOT / "docs/LIMITATIONS.md").read_text(encoding="utf-8").splitlines()]
    impacts = {cells[0].removeprefix("| "): cells[2] for cells in rows if len(cells) == 4}
    assert impacts[one.assumption] == one.impact


@pytest.mark.parametrize(
    ("name", "is_there"), [("all four", True), ("everything", False), ("actions", True), ("lent", True)]
)
def test_only_packaged_data_carry_their_limitation(tmp_path: Path, name: str, is_there: bool) -> None:
    tale = TALES[name]
    path = write_report(tale.run().journal.content, tmp_path / "report.html", data=tale.data()).path
    assert ("Five shares stand for a market." in path.read_text(encoding="utf-8")) is is_there


def luminance(color: str) -> float:
    """As WCAG 2.2 defines it."""
    parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def colors(scheme: int) -> dict[str, str]:
    style = (ROOT / "src/ropewalk/reports/page/assets/page.css").read_text(encoding="utf-8")
    found = re.findall(r"--([a-z-]+): light-dark\((#\w+), (#\w+)\)", style)
    return {name: pair[scheme] for name, *pair in found}


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_everything_can_be_read(scheme: int) -> None:
    """Text has a contrast of 4.5 : 1 on page and panel, lines one of 3 : 1 (WCAG AA)."""
    found = colors(scheme)
    for name in ("ink", "muted", "accent", "gain", "loss"):
        assert min(contrast(found[name], found[ground]) for ground in ("paper", "panel")) >= 4.5, name
    for one in STRATEGIES:
        assert contrast(one[scheme], found["paper"]) >= 3, one


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_the_light_page_without_light_dark_is_the_same(scheme: int) -> None:
    """Older browsers get the light page."""
    style = (ROOT / "src/ropewalk/reports/page/assets/page.css").read_text(encoding="utf-8")
    plain = dict(re.findall(r"--([a-z-]+): (#\w+)", style))
    assert {name: plain[name] for name in colors(0)} == colors(0)


def test_seats_beyond_the_colours_differ_by_their_dash() -> None:
    looks = [(shade(seat), dash(seat)) for seat in range(len(STRATEGIES) * len(DASHES))]
    assert len({*looks}) == len(looks)
