"""Policies in a run file: by name or as a table, for the run and for single symbols, and what is wrong with them."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ropewalk.arbiter.policies import Independent, Outcome, Priority, ProRata, Veto
from ropewalk.config import OrchestratorConfig
from ropewalk.errors import ConfigError, RunFileError
from ropewalk.journal import Journal, remade
from ropewalk.run_file import load_run

GUIDE = Path(__file__).parents[3] / "docs/guide"

FILE = """
[data]
source = "sample"
symbols = ["AAPL", "MSFT"]
start = "2008-01-01"

[strategies.risk]
use = "momentum"
weight = 0.3
settings = { short_window = 5, long_window = 20 }

[strategies.trend]
use = "mean-reversion"
weight = 0.3
settings = { window = 7 }

"""


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def write(text: str) -> Path:
        path = tmp_path / "run.toml"
        path.write_text(FILE + text, encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize(
    ("text", "policies"),
    [
        ("", (Independent(), {})),
        ('conflict_policy = "first_wins"', (Priority(), {})),
        ('conflict_policy = { kind = "priority" }', (Priority(), {})),
        ('conflict_policy = { kind = "veto", strategy = "risk" }', (Veto("risk"), {})),
        ('conflict_policy = { kind = "pro_rata", share = 0.2 }', (ProRata(Decimal("0.2")), {})),
        ('conflict_policy = { kind = "pro_rata", share = "0.2" }', (ProRata(Decimal("0.2")), {})),
        ('conflict_policies = { AAPL = "priority" }', (Independent(), {"AAPL": Priority()})),
        (
            '[settings.conflict_policies]\nAAPL = "priority"\nMSFT = { kind = "pro_rata", share = 1 }',
            (Independent(), {"AAPL": Priority(), "MSFT": ProRata(Decimal(1))}),
        ),
        (
            '[settings.conflict_policies.AAPL]\nkind = "veto"\nstrategy = "trend"',
            (Independent(), {"AAPL": Veto("trend")}),
        ),
    ],
)
def test_a_run_file_chooses_policies(text: str, policies: Any, write: Any) -> None:
    """What a person can write in Python can be written in a run file; numbers with a point are exact."""
    table = text if text.startswith("[") else f"[settings]\n{text}\n"
    assert load_run(write(table)).orchestrator.config.policies() == policies


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('conflict_policy = "vetto"', "C46 settings.conflict_policy: there is no policy 'vetto'; did you mean 'veto'?"),
        ('conflict_policy = "veto"', "C46 settings.conflict_policy: 'veto' has a parameter; write a table: kind = "),
        ("conflict_policy = 3", "C46 settings.conflict_policy: 3 is no policy; name one (independent, net, priority,"),
        ('conflict_policy = ["veto"]', "C46 settings.conflict_policy: ['veto'] is no policy; name one"),
        ('conflict_policy = { kind = "veto" }', "C45 settings.conflict_policy.strategy: is missing"),
        ('conflict_policy = { strategy = "risk" }', "C45 settings.conflict_policy.kind: is missing — expected one of"),
        (
            'conflict_policy = { kind = "pro_rta", share = 1 }',
            "C45 settings.conflict_policy.kind: 'pro_rta' is not known",
        ),
        (
            'conflict_policy = { kind = "veto", strategy = "rsk" }',
            "C45 settings.conflict_policy.strategy: there is no strategy 'rsk'; did you mean 'risk'?",
        ),
        ('conflict_policy = { kind = "veto", strategy = 3 }', "C46 settings.conflict_policy.strategy: 3 — expected"),
        ('conflict_policy = { kind = "pro_rata", share = 1.5 }', "C48 settings.conflict_policy.share: 1.5 — expected"),
        ('conflict_policy = { kind = "pro_rata", share = 0 }', "C48 settings.conflict_policy.share: 0 — expected a"),
        (
            'conflict_policy = { kind = "pro_rata", shares = 0.2 }',
            "C45 settings.conflict_policy.shares: is no key here; did you mean 'share'?",
        ),
        (
            'conflict_policy = { kind = "priority", share = 1 }',
            "C45 settings.conflict_policy.share: is no key here; known: kind",
        ),
        ('conflict_policies = "priority"', "C46 settings.conflict_policies: 'priority' — expected a table"),
        (
            'conflict_policies = { AAPL = "priorty" }',
            "C46 settings.conflict_policies.AAPL: there is no policy 'priorty'; did you mean 'priority'?",
        ),
        (
            'conflict_policies = { AAPL = { kind = "veto" } }',
            "C45 settings.conflict_policies.AAPL.strategy: is missing",
        ),
        (
            'conflict_policies = { "BRK.B" = { kind = "veto", strategy = "trnd" } }',
            "C45 settings.conflict_policies.'BRK.B'.strategy: there is no strategy 'trnd'; did you mean 'trend'?",
        ),
        ('conflict_polcies = { AAPL = "priority" }', "C45 settings.conflict_polcies: is no key here; did you mean"),
    ],
)
def test_a_faulty_policy_is_said_with_its_path(text: str, said: str, write: Any) -> None:
    """One finding for one fault: where it is, what was found, what is allowed or close to it."""
    with pytest.raises(RunFileError) as caught:
        load_run(write(f"[settings]\n{text}\n"))
    findings = [one for one in caught.value.findings if "share: is missing" not in one]
    assert len(findings) == 1, findings
    assert findings[0].startswith(said), findings


def test_all_that_is_wrong_is_said_at_once(write: Any) -> None:
    text = (
        '[settings]\nconflict_policy = { kind = "veto", strategy = "rsk" }\n[limits.strategies.trnd]\npositions = 1\n'
    )
    with pytest.raises(RunFileError) as caught:
        load_run(write(text))
    assert [finding.split(";")[0] for finding in caught.value.findings] == [
        "C45 settings.conflict_policy.strategy: there is no strategy 'rsk'",
        "C45 limits.strategies: there is no strategy 'trnd'",
    ]


def test_a_symbol_that_the_data_lack_is_found_before_the_first_bar(write: Any) -> None:
    run = load_run(write('[settings]\nconflict_policies = { APL = "priority" }\n'))
    with pytest.raises(ConfigError, match=r"conflict_policies: the data have no 'APL'; did you mean 'AAPL'\?"):
        run.run()


def test_policies_and_limits_of_a_run_file_are_recorded_and_made_again(write: Any, tmp_path: Path) -> None:
    """Its journal makes the same configuration, and the same events again; 0.20 is the run that 0.2 is."""
    text = """[settings]
conflict_policy = { kind = "pro_rata", share = 0.2 }
conflict_policies = { AAPL = { kind = "veto", strategy = "risk" } }
[limits]
gross_exposure = 0.3
"""
    run = load_run(write(text))
    result = run.orchestrator.run(run.feed(), journal=run.recording(folder=tmp_path / "runs"))
    assert result.conflicts
    again = remade(Journal(result.journal.path))
    assert again.orchestrator.config == run.orchestrator.config
    assert again.orchestrator.run(again.feed).record.digest() == result.record.digest()
    same = load_run(write(text.replace("0.2 ", "0.20 ")))
    inputs = [one.orchestrator.inputs(one.feed()) for one in (run, same)]
    assert inputs[0].run_id == inputs[1].run_id


@pytest.mark.parametrize("page", ["capital-and-conflicts.md", "limits.md"])
def test_the_guide_shows_run_files_that_load(page: str, write: Any) -> None:
    """What a page says of a run file can be put into one as it stands."""
    (text,) = re.findall(r"```toml\n(.*?)```", (GUIDE / page).read_text(encoding="utf-8"), re.DOTALL)
    config = load_run(write(text)).orchestrator.config
    assert config != type(config)()


@pytest.mark.parametrize("name", ["", "x" * 201, "\ud800", 3, None])
@pytest.mark.parametrize(
    "put", [lambda one: {"conflict_policy": one}, lambda one: {"conflict_policies": {"AAPL": one}}]
)
def test_a_policy_needs_a_name_that_can_stand_on_record(put: Any, name: Any) -> None:
    """Else the journal of the run could not be written, read or verified, which is too late to say so."""

    class Odd:
        def settle(self, wishes: Any) -> Any:
            return [Outcome(wish.asked_micros, wish.close_lots) for wish in wishes]

    policy: Any = Odd()
    policy.name = name
    with pytest.raises(ConfigError, match=r"the policy's name is .*; give it a text of 1 to 200 characters"):
        OrchestratorConfig(**put(policy))
    policy.name = "x" * 200
    assert OrchestratorConfig(**put(policy))
