"""
Make docs/images: the report of the demo, as a browser shows it.

    make screenshots

needs Chromium (Debian: chromium). The run is the demo's, so the pictures change only when it or the page does, or
with the fonts of the machine: they were made with Inter.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright
from typer.testing import CliRunner

from ropewalk.cli.main import app

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
DESK, PHONE = {"width": 1200, "height": 1000}, {"width": 390, "height": 844}
BYTES_MAX = 300_000


def reported(folder: Path) -> Path:
    """Run the demo and find its report."""
    answer = CliRunner().invoke(app, ["demo", "--journal", str(folder)])
    if answer.exit_code:
        raise SystemExit(answer.output)
    return next(folder.glob("*/report.html"))


def opened(browser: Any, report: Path, **options: Any) -> Any:
    """Open the report and wait for its first chart."""
    page = browser.new_page(reduced_motion="reduce", **options)
    page.goto(report.as_uri())
    page.wait_for_selector("html[data-ready=yes]")
    return page


def shown(page: Any, section: str) -> None:
    """Bring a section to the top and wait until its charts are drawn."""
    page.evaluate(f"document.querySelector('#{section}').scrollIntoView()")
    for chart in page.locator(f"#{section} [data-chart]").all():
        page.wait_for_selector(f"[data-chart={chart.get_attribute('data-chart')}][data-drawn]")


def kept(page: Any, name: str) -> None:
    """Take a picture, which has to be small."""
    path = IMAGES / f"{name}.png"
    page.screenshot(path=path)
    size = path.stat().st_size
    sys.stdout.write(f"{path.name}  {size:,} bytes\n")
    if size > BYTES_MAX:
        raise SystemExit(f"{path} has more than {BYTES_MAX:,} bytes")


def main() -> None:
    """Take all pictures."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        report = reported(Path(folder))
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = opened(browser, report, viewport=DESK)
        page.wait_for_selector("[data-chart=equity][data-drawn]")
        kept(page, "report")
        shown(page, "symbols")
        page.select_option("[data-select=trader]", label="fast")
        page.click("[data-modes=prices] [data-value=log]")
        kept(page, "report-symbols")
        page.locator("[data-table=trips] tbody button").nth(2).click()
        page.wait_for_selector("dialog[open]")
        kept(page, "report-explanation")
        page = opened(browser, report, viewport=DESK, color_scheme="dark")
        shown(page, "performance")
        kept(page, "report-dark")
        page = opened(browser, report, viewport=PHONE, has_touch=True, is_mobile=True)
        shown(page, "conflicts")
        kept(page, "report-phone")
        browser.close()


if __name__ == "__main__":
    main()
