"""
A real browser: Debian's Chromium without a window, watched for whatever goes wrong on a page.

Without one these tests are skipped, unless ROPEWALK_BROWSER=required says that there has to be one, as CI does.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from report_runs import portfolio
from ropewalk.cli.report import write_report

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = "there is no chromium here; `apt-get install chromium` brings one (.ci/run does), and then this test runs"
SIZE = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
EMPTY = "about:blank"


def why_not() -> str:
    """Say why no browser can be driven here; empty when one can."""
    try:
        import playwright.sync_api  # noqa: F401
    except ImportError:
        return "playwright is not installed; the extra dev brings it"
    return "" if any(map(shutil.which, NAMES)) else MISSING


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    reason = why_not()
    if reason and os.environ.get("ROPEWALK_BROWSER") == "required":
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, NAMES)))
    # Chromium's own sandbox does not work for root, as which CI runs; the pages are our own files.
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@dataclass
class Watch:
    """What went wrong on a page, or left it, since it was last set to watch over a file."""

    own: str = ""
    problems: list[str] = field(default_factory=list)

    def over(self, page: Any, path: Path) -> None:
        """Watch a page in which a file is about to be opened."""
        self.of(path)
        page.on("console", lambda said: self.problems.append(f"console {said.type}: {said.text}"))
        page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        page.on("dialog", lambda dialog: (self.problems.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on(
            "request", lambda asked: None if self.is_own(asked.url) else self.problems.append(f"asked: {asked.url}")
        )

    def of(self, path: Path) -> None:
        self.own = path.resolve().as_uri()
        self.problems.clear()

    def is_own(self, url: str) -> bool:
        return url.split("#", maxsplit=1)[0] == self.own or url.startswith(("data:", "blob:", EMPTY))


Open = Callable[..., Any]


@pytest.fixture(scope="session")
def shared(browser: Any) -> Iterator[tuple[Any, Watch]]:
    """
    A page in which one test after the other opens its file, and who watches it.

    Scripts that the browser has read before it does not read again, which is more than half of what opening takes.
    """
    context = browser.new_context()
    page, watch = context.new_page(), Watch()
    watch.over(page, Path())
    yield page, watch
    context.close()


@pytest.fixture
def opened(browser: Any, shared: tuple[Any, Watch]) -> Iterator[Open]:
    """
    Open a file as if it were the first; at the end of the test nothing may have gone wrong on any page.

    The first page of a test is the shared one, emptied; a second one, or another kind of device, gets its own.
    """
    page, watch = shared
    watches: list[Watch] = []
    contexts = []

    def emptied(path: Path, viewport: Any = SIZE, color_scheme: str = "light") -> Any:
        page.goto(EMPTY)
        page.set_viewport_size(viewport)
        page.emulate_media(media="screen", color_scheme=color_scheme)
        page.mouse.move(0, 0)
        watch.of(path)
        watches.append(watch)
        return page

    def fresh(path: Path, **options: Any) -> Any:
        context = browser.new_context(**{"viewport": SIZE, "color_scheme": "light", **options})
        contexts.append(context)
        watches.append(Watch())
        own = context.new_page()
        watches[-1].over(own, path)
        return own

    def visit(path: Path, *, is_ready: bool = True, **options: Any) -> Any:
        is_plain = not watches and {*options} <= {"viewport", "color_scheme"}
        visited = (emptied if is_plain else fresh)(path, **options)
        visited.goto(path.resolve().as_uri())
        if is_ready:
            visited.wait_for_selector("html[data-ready=yes]")
        return visited

    yield visit
    if page.url != EMPTY:
        page.evaluate("localStorage.clear()")
        page.goto(EMPTY)
    for context in contexts:
        context.close()
    assert not [problem for one in watches for problem in one.problems]


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return portfolio(tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="session")
def report(run_folder: Path) -> Path:
    """The report of three strategies over six years."""
    return write_report(run_folder).path
