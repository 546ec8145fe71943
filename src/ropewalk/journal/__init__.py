"""
The journal: a run's events on disk, in a form that can be checked, compared and taken up again.

Its bytes are a pure function of configuration, data, plugins, seed and engine. `JournalWriter` makes one,
`read` walks its records, `verify` says all that is wrong with it, `recover` moves a torn tail aside, and
`diff` finds the first thing that went differently in two of them. `explain` tells why something happened, or
nothing did, `runs` lists what was recorded, and `result_of` is the result that a run gave; `contrast`
sets runs side by side.
"""

from __future__ import annotations

from ropewalk.journal.case_figures import CaseFigures
from ropewalk.journal.cases import Counterfactual, WhatIf
from ropewalk.journal.contrast import Contrast, contrast
from ropewalk.journal.counterfactual import counterfactual, what_if
from ropewalk.journal.determinism import Determinism, check_determinism
from ropewalk.journal.diff import Difference, FieldDifference, diff
from ropewalk.journal.explain import explain
from ropewalk.journal.fates import ChangedFill
from ropewalk.journal.figures import Figures, figures_of, result_of
from ropewalk.journal.lookahead import Lookahead, check_lookahead
from ropewalk.journal.policy_cases import policy_cases
from ropewalk.journal.reader import Journal, read
from ropewalk.journal.recovery import Recovery, recover
from ropewalk.journal.regret import Regret, Rule, regret
from ropewalk.journal.remaking import remade
from ropewalk.journal.replay import LEVELS, Level, Replay, replay
from ropewalk.journal.resume import Resumption, resume
from ropewalk.journal.runs import RunSummary, runs
from ropewalk.journal.shadows import Shadow
from ropewalk.journal.state import State
from ropewalk.journal.stories import Passage, Story
from ropewalk.journal.verdict import Verdict, verdict_of
from ropewalk.journal.verify import Finding, Verification, verify
from ropewalk.recording.books import Books
from ropewalk.recording.environment import environment, read_environment
from ropewalk.recording.files import Files
from ropewalk.recording.inputs import FORMAT, SEMANTICS, DataSet, Heading, Inputs, Plugin
from ropewalk.recording.kinds import KINDS, VERSION, Record, Seal, Step
from ropewalk.recording.lines import Lines
from ropewalk.recording.recording import Origin, Recording
from ropewalk.recording.steps import canonical_times
from ropewalk.recording.writer import MODES, JournalWriter, Mode, run_folder

__all__ = [
    "Recording",
    "Origin",
    "JournalWriter",
    "Mode",
    "MODES",
    "run_folder",
    "canonical_times",
    "Inputs",
    "DataSet",
    "Plugin",
    "Heading",
    "Files",
    "Lines",
    "Journal",
    "Record",
    "Step",
    "Seal",
    "read",
    "verify",
    "Verification",
    "Finding",
    "Verdict",
    "verdict_of",
    "recover",
    "Recovery",
    "replay",
    "Replay",
    "Level",
    "LEVELS",
    "State",
    "remade",
    "check_determinism",
    "Determinism",
    "check_lookahead",
    "Lookahead",
    "resume",
    "Resumption",
    "diff",
    "Difference",
    "FieldDifference",
    "counterfactual",
    "Counterfactual",
    "what_if",
    "WhatIf",
    "policy_cases",
    "CaseFigures",
    "ChangedFill",
    "regret",
    "Regret",
    "Rule",
    "Shadow",
    "explain",
    "result_of",
    "figures_of",
    "Figures",
    "contrast",
    "Contrast",
    "runs",
    "RunSummary",
    "Story",
    "Passage",
    "Books",
    "environment",
    "read_environment",
    "KINDS",
    "FORMAT",
    "VERSION",
    "SEMANTICS",
]
