"""
A golden counterfactual: what a golden journal would have come to, byte by byte, and what it tells of it.

`make golden` rewrites it, in a commit that says why the numbers moved.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from recorded_runs import TALES
from ropewalk.journal import counterfactual, regret

if TYPE_CHECKING:
    from ropewalk.journal import Counterfactual

HERE = Path(__file__).parent
PARENT, JOURNAL, TOLD = (HERE / name for name in ("everything.jsonl", "counterfactual.jsonl", "counterfactual.txt"))
OVERRIDES = {"conflict_policy": "cancel_both", "limits.gross_exposure": "0.5", "slippage": {"kind": "none"}}


def told(found: Counterfactual) -> str:
    tale = TALES["everything"]
    lines = [f"{name} {value}" for name, value in found.figures.to_dict().items() if name != "metrics"]
    lines += ["", *(one.told for one in found.changed_fills), "", *found.assumptions, ""]
    shadows = regret(found.journal.content, data=tale.data(), config=tale.config(slippage={"kind": "none"}))
    lines += [" ".join(f"{name}={value}" for name, value in one.to_dict().items()) for one in shadows.shadows]
    lines += [" ".join(f"{name}={value}" for name, value in one.to_dict().items()) for one in shadows.rules]
    return "\n".join(lines) + "\n"


def test_a_golden_journal_is_asked_the_same_again(rewrites_golden: bool) -> None:
    """Its frozen counterfactual has the bytes that it had, and what is told of it is what was told."""
    tale = TALES["everything"]
    found = counterfactual(PARENT, OVERRIDES, data=tale.data(), config=tale.config())
    if rewrites_golden:
        JOURNAL.write_bytes(found.journal.content)
        TOLD.write_text(told(found), encoding="utf-8")
    assert found.changed_fills
    assert any(one.event.reason == "gross_exposure" for one in found.result.record.decisions)
    assert any(one.event.reason == "policy" for one in found.result.record.decisions)
    assert found.journal.content == JOURNAL.read_bytes()
    assert told(found) == TOLD.read_text(encoding="utf-8")
