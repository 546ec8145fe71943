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
    """What went wrong on a page, or left it."""

    problems: list[str] = field(default_factory=list)

    def over(self, page: Any, path: Path) -> None:
        own = path.resolve().as_uri()
        page.on("console", lambda said: self.problems.append(f"console {said.type}: {said.text}"))
        page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        page.on("dialog", lambda dialog: (self.problems.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on(
            "request", lambda asked: None if is_own(asked.url, own) else self.problems.append(f"asked for {asked.url}")
        )


def is_own(url: str, own: str) -> bool:
    return url.split("#", maxsplit=1)[0] == own or url.startswith(("data:", "blob:"))


Open = Callable[..., Any]


@pytest.fixture
def opened(browser: Any) -> Iterator[Open]:
    """Open a file in a page of its own; at the end of the test nothing may have gone wrong on any."""
    watch, contexts = Watch(), []

    def visit(path: Path, *, is_ready: bool = True, **options: Any) -> Any:
        context = browser.new_context(**{"viewport": SIZE, "color_scheme": "light", **options})
        contexts.append(context)
        page = context.new_page()
        watch.over(page, path)
        page.goto(path.resolve().as_uri())
        if is_ready:
            page.wait_for_selector("html[data-ready=yes]")
        return page

    yield visit
    for context in contexts:
        context.close()
    assert not watch.problems


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return portfolio(tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="session")
def report(run_folder: Path) -> Path:
    """The report of three strategies over six years."""
    return write_report(run_folder).path
