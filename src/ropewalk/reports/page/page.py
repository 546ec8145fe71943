"""Making the page: every part filled in, and put into one file that opens without network."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import msgspec

from ropewalk.collectors.conflict_pairs import meetings
from ropewalk.collectors.tables import AGGREGATE
from ropewalk.errors import PluginError
from ropewalk.reports.capital import capital, crossing
from ropewalk.reports.conflicts import MEANINGS
from ropewalk.reports.page import inputs, summary
from ropewalk.reports.page.between import added, correlation
from ropewalk.reports.page.calendar import MONTHS, calendar, falls
from ropewalk.reports.page.conflicts import KINDS, conflicts
from ropewalk.reports.page.curves import curves
from ropewalk.reports.page.decisions import decisions, explained, told_reason
from ropewalk.reports.page.evidence import evidence
from ropewalk.reports.page.figures import NO_VALUE, count, day, moment, money, percent
from ropewalk.reports.page.further_limits import allocation_use, further_limits
from ropewalk.reports.page.limitations import limitations
from ropewalk.reports.page.limits import approaches, reasons
from ropewalk.reports.page.packing import Pack, compressed
from ropewalk.reports.page.palette import STRATEGIES, dash, shade
from ropewalk.reports.page.prices import prices
from ropewalk.reports.page.sections import shown_sections

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ropewalk.collectors.result import OrchestratorResult
    from ropewalk.reports.page.sections import OwnSection
    from ropewalk.reports.page.subject import Subject

SCRIPTS = (
    "unpack",
    "theme",
    "charts",
    "performance",
    "paging",
    "explain",
    "decisions",
    "conflicts",
    "symbols",
    "sections",
    "start",
)
NEEDS = "a report needs Jinja2, which is not installed; pip install 'ropewalk[report]'"
STATUS = {
    "complete": "",
    "stopped": "This run was stopped before the end of its data; everything here is up to that moment.",
    "failed": "This run failed; what it did until then is on record.",
    "incomplete": "This run has not ended; what it did so far is on record.",
}


def page(subject: Subject, *, sections: Mapping[str, OwnSection] | None = None) -> str:
    """
    Make the report of a run: the text of one HTML file; `sections` of one's own come before the run's inputs.

    The same run gives the same text. Raises PluginError when what it takes is not installed.
    """
    check_installed()
    environment = _templates()
    pack = Pack()
    chains, unexplained = explained(subject)
    tree = {
        "run": subject.run,
        "owners": [
            {"name": name, "dash": dash(seat), "color": f"--s{seat % len(STRATEGIES)}"}
            for seat, name in enumerate(subject.started.strategies)
        ],
        "curves": None if subject.result is None else curves(subject.result, pack),
        "prices": [] if subject.result is None else prices(subject.result, subject.started.strategies, pack),
        "decisions": decisions(subject, pack),
        "conflicts": conflicts(subject, pack),
    }
    stories = msgspec.json.encode({"passages": chains.passages, "chains": chains.chains})
    text: str = environment.get_template("page.html").render(
        subject=subject,
        **_head(subject),
        **({} if subject.result is None else _performance(subject.result)),
        **_trading(subject),
        own_sections=shown_sections(sections or {}, subject.result),
        unexplained=unexplained,
        tree=tree,
        about=inputs,
        shades=STRATEGIES,
        shade=shade,
        styles=_asset("page.css"),
        scripts="\n".join(_asset(f"{name}.js") for name in SCRIPTS),
        plotly=_plotly(),
        columns=pack.packed(tree),
        stories=compressed(stories),
    )
    return text


def check_installed() -> None:
    """Raise PluginError, with what to install, when a report cannot be made here."""
    if find_spec("jinja2") is None:
        raise PluginError(NEEDS)


@cache
def _templates() -> Any:
    """Read them once in a process: compiling them takes longer than filling them."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("ropewalk.reports.page", "assets"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"money": money, "percent": percent, "moment": moment, "day": day, "count": count}
    return made


def _asset(name: str) -> str:
    return (files("ropewalk.reports.page") / "assets" / name).read_text(encoding="utf-8")


@cache
def _plotly() -> str:
    return compressed((files("ropewalk.reports.page") / "plotly" / "plotly-basic.min.js").read_bytes())


def _head(subject: Subject) -> dict[str, Any]:
    record, started = subject.record, subject.started
    last_us = record.entries[-1].event.at_us
    return {
        "first": started.timestamp,
        "last_us": last_us,
        "last": record.entries[-1].event.timestamp,
        "status": STATUS[subject.status],
        "faults": [entry.event for entry in record.faults],
        "limitations": limitations(subject),
        "NO_VALUE": NO_VALUE,
    }


def _performance(result: OrchestratorResult) -> dict[str, Any]:
    rows, tiles = summary.rows(result), summary.tiles(result)
    metrics = summary.every_metric(result)
    titles = [column.title for column in summary.COLUMNS]
    figures = [(title, one) for row in rows for title, one in zip(titles, row.figures, strict=True)]
    owners = (AGGREGATE, *result.started.strategies)
    return {
        "sentence": summary.sentence(result),
        "tiles": tiles,
        "rows": rows,
        "titles": titles,
        "metrics": metrics,
        "missing": summary.missing(figures),
        "months": MONTHS,
        "calendars": [(owner, calendar(result, owner)) for owner in owners],
        "falls": falls(result),
        "correlation": correlation(result),
        "added": added(result),
        "evidence": list(evidence(result)),
        "spans": summary.ends_of_spans(result),
        "busted": summary.least_equity(result),
        "moved": list(capital(result)),
        "crossed": list(crossing(result)),
    }


def _trading(subject: Subject) -> dict[str, Any]:
    found = subject.record.conflicts
    met = meetings([one.event for one in found], strategies=subject.started.strategies)
    met |= {(other, name): one for (name, other), one in met.items()}
    return {
        "meetings": met,
        "policies": list(dict.fromkeys(one.event.policy for one in found)),
        "holders": any(one.event.holders for one in found),
        "most_met": max((one.conflicts for one in met.values()), default=0),
        "approaches": list(approaches(subject)),
        "further_limits": further_limits(subject),
        "allocation_use": allocation_use(subject),
        "kinds_told": [(kind, MEANINGS[kind]) for kind in KINDS if any(one.event.kind == kind for one in found)],
        "reasons": [(verdict, told_reason(reason), counts) for (verdict, reason), counts in reasons(subject).items()],
    }
