"""
Everything that can go wrong, as one tree.

A refused intent is a decision, not an error: errors are for what a person has to mend.

    RopewalkError
    ├── ConfigError     what was asked of a run cannot be: weights, ids, capital          (also a ValueError)
    │   └── RunFileError    a run file says what it cannot mean; all of its faults at once
    ├── FeedError       bars that cannot be believed: file, line, column and value         (also a ValueError)
    ├── StrategyError   a strategy raised, or answered with something that is no answer
    ├── PluginError     a plugin is missing, does not fit, or does what plugins may not
    ├── JournalError    a recorded run that cannot be written, read or believed
    └── LedgerError     money that does not add up: a defect of ours, never of the data

Every message says what was found, what was allowed, where, and what to do.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

FINDINGS_MAX = 20
CLIP = 80


class RopewalkError(Exception):
    """The root of what ropewalk raises on purpose."""


class ConfigError(RopewalkError, ValueError):
    """What was asked of a run cannot be."""


class FindingsError(RopewalkError, ValueError):
    """
    An error that collects what it found, so that a person mends all of it at once.

    `findings` holds up to twenty; `found` is how many there were in all.
    """

    def __init__(self, subject: str, findings: Iterable[str] = (), *, found: int | None = None) -> None:
        every = tuple(findings)
        self.subject = subject
        self.findings = every[:FINDINGS_MAX]
        self.found = len(every) if found is None else found
        lines = [subject, *(f"  {finding}" for finding in self.findings)]
        if self.found > len(self.findings):
            lines.append(f"  … and {self.found - len(self.findings)} more")
        super().__init__("\n".join(lines))


class FeedError(FindingsError):
    """Bars that cannot be believed."""


class RunFileError(ConfigError, FindingsError):
    """A run file that says something it cannot mean; all of its faults at once."""


class StrategyError(RopewalkError):
    """A strategy raised, or answered with something that is no answer."""


class PluginError(RopewalkError):
    """A plugin is missing, does not fit, or does what plugins may not."""


class JournalError(RopewalkError):
    """A recorded run that cannot be written, read or believed."""


class LedgerError(RopewalkError):
    """Money that does not add up."""


def clipped(value: object, *, width: int = CLIP) -> str:
    """
    Show a value in a message without letting it fill the screen.

    >>> clipped("x" * 200, width=8)
    "'xxxxxx…"
    """
    text = repr(value)
    return text if len(text) <= width else text[: width - 1] + "…"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """
    Offer the closest known word, or the list when none is close.

    >>> did_you_mean("comission", ["commission", "slippage"])
    "did you mean 'commission'?"
    >>> did_you_mean("zzz", ["commission", "slippage"])
    'known: commission, slippage'
    """
    names = list(known)
    close = get_close_matches(word, names, n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    return "known: " + (", ".join(names) if names else "none")
