"""Limits: what was set is listed, how close the books came is measured, how often each bound is counted."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import msgspec

from report_runs import limited
from ropewalk.cli.report import write_report
from ropewalk.reports.page.figures import percent
from ropewalk.reports.page.further_limits import allocation_use, further_limits
from ropewalk.reports.page.limits import OTHERS, approaches, reasons
from ropewalk.reports.page.subject import Chains, Subject


def subject_of() -> Subject:
    tale = limited()
    result = tale.run()
    return Subject(
        run="r",
        digest="",
        status="complete",
        record=result.record,
        configuration={"settings": tale.config().recorded()},
        plugins=(),
        data=(),
        environment={},
        explain=lambda _: Chains((), {}),
        ends={},
        result=result,
    )


def test_every_limit_that_was_set_is_listed_with_how_often_it_bound() -> None:
    subject = subject_of()
    found = further_limits(subject)
    assert [(one.whose, one.name, one.set_to) for one in found] == [
        ("s0", "share of a symbol, closest in AAPL", percent(0.6)),
        ("s0", "positions", "1"),
        ("s0", "drawdown", percent(0.1)),
        ("account", "gross exposure", "50.0 %".replace(" ", "\N{NO-BREAK SPACE}")),
        ("account", "net exposure", percent(0.45)),
        ("account", "exposure to a symbol, closest in AAPL", percent(0.4)),
        ("account", "exposure to IBM", percent(0.2)),
        ("account", "exposure to tech (AAPL, IBM)", percent(0.48)),
        ("account", "leverage", percent(0.9)),
        ("account", "positions", "3"),
        ("account", "cash reserve", percent(0.1)),
    ]
    counted = Counter(entry.event.reason for entry in subject.record.decisions)
    assert sum(one.bound for one in found if one.name in ("positions",)) == (
        counted["account_positions"] + counted["strategy_positions"]
    )
    assert sum(counted[reason] for reason in OTHERS) > 10
    for one in found:
        if one.bound:
            entry = next(entry for entry in subject.record.decisions if entry.number == one.first)
            assert entry.event.reason in OTHERS


def test_how_close_the_books_came_is_measured_at_the_closes() -> None:
    subject = subject_of()
    assert subject.result is not None
    found = {(one.whose, one.name): one for one in further_limits(subject)}
    used = {(one.owner, one.limit): one for one in subject.result.limit_use()}
    assert found["account", "gross exposure"].highest == used["aggregate", "gross_exposure"].utilisation
    assert found["account", "positions"].used == "3 of 3"
    assert found["s0", "drawdown"].over == str(used["s0", "drawdown"].closes_over) != "0"
    assert allocation_use(subject)["s2"] == used["s2", "allocation"].utilisation


def test_without_curves_limits_are_listed_all_the_same() -> None:
    """What was set and how often it bound is on record; how close the books came is not."""
    whole = subject_of()
    subject = msgspec.structs.replace(whole, result=None)
    assert [(one.whose, one.set_to, one.bound, one.first) for one in further_limits(subject)] == [
        (one.whose, one.set_to, one.bound, one.first) for one in further_limits(whole)
    ]
    assert {one.why for one in further_limits(subject)} == {"there are no curves"}
    assert allocation_use(subject) == {}


def test_the_limit_of_capital_leaves_out_decisions_that_show_another() -> None:
    subject = subject_of()
    for one in approaches(subject):
        own = [entry.event for entry in subject.record.decisions if entry.event.strategy == one.strategy]
        assert one.measured == sum(each.limit_micros > 0 and each.reason not in OTHERS for each in own)
        assert one.highest is None or one.highest <= 1.0
    counts = reasons(subject)
    assert sum(each.total() for each in counts.values()) == len(subject.record.decisions)


def test_the_page_has_a_row_a_limit(tmp_path: Path) -> None:
    tale = limited()
    path = write_report(tale.run().journal.content, tmp_path / "report.html", data=tale.data()).path
    text = path.read_text(encoding="utf-8")
    assert "Further limits" in text
    assert "Limits are held when something is asked." in text
