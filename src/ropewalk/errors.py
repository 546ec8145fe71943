"""
Everything that can go wrong, as one tree.

A refused intent is a decision, not an error: errors are for what a person has to mend.

    RopewalkError
    ├── ConfigError     what was asked of a run cannot be: settings, weights, capital     (also a ValueError)
    │   └── RunFileError    a run file says what it cannot mean; all of its faults at once
    ├── FeedError       bars that cannot be believed: file, line, column and value         (also a ValueError)
    ├── StrategyError   a strategy raised, or answered with something that is no answer
    ├── PluginError     a plugin is missing, does not fit, or does what plugins may not
    ├── JournalError    a recorded run that cannot be written, read or believed
    │   ├── DamagedError        one that cannot be believed, and is left as it is
    │   ├── DivergedError       a run that does not repeat what was recorded of it
    │   ├── DiskFullError       one that was ended early, since its disk was full; it can be resumed
    │   └── MissingInputError   one that cannot be made again without what is not in it
    └── LedgerError     money that does not add up: a defect of ours, never of the data

Every message says what was found, what was allowed, where, and what to do.

`Overdue` is none of them: it is how the watchdog gets out of a plugin that does not return, and never leaves a run.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Coroutine, Generator
from difflib import get_close_matches
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

Raised = TypeVar("Raised", bound=BaseException)

FINDINGS_MAX = 20
CLIP = 80
ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


class RopewalkError(Exception):
    """The root of what ropewalk raises on purpose."""


class LeftAtOnce(BaseException):
    """
    Whoever runs the process wants to leave now: the run is dropped where it is, and its journal stays a part.

    No error, and none that a strategy could take for one of its own.
    """


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


class ConfigError(FindingsError):
    """What was asked of a run cannot be."""


class FeedError(FindingsError):
    """Bars that cannot be believed."""


class RunFileError(ConfigError):
    """A run file that says something it cannot mean; all of its faults at once."""


class StrategyError(RopewalkError):
    """A strategy raised, or answered with something that is no answer."""


class PluginError(RopewalkError):
    """A plugin is missing, does not fit, or does what plugins may not."""


class JournalError(RopewalkError):
    """A recorded run that cannot be written, read or believed."""


class DamagedError(JournalError):
    """A journal that cannot be believed; it is left as it is."""


class DivergedError(JournalError):
    """A run that does not repeat what was recorded of it, so that nothing may be added to that."""


class DiskFullError(JournalError):
    """A run that was ended early, since the disk of its journal was full; it can be resumed."""


class MissingInputError(JournalError):
    """
    A run that cannot be made again from its journal alone.

    `found` says what is missing; the message also says how it is given in Python.
    """

    def __init__(self, found: str, remedy: str) -> None:
        self.found = found
        super().__init__(f"{found}; {remedy}")


class LedgerError(RopewalkError):
    """Money that does not add up."""


class Overdue(BaseException):
    """Raised by the watchdog inside of what does not return; no `except Exception` in there stops it."""


PASSED_ON = (KeyboardInterrupt, GeneratorExit, Overdue, LeftAtOnce)
"""What comes from outside, and is no failure of the plugin that it happens to hit."""


def clipped(value: object, *, width: int = CLIP) -> str:
    """
    Show a value in a message without letting it fill the screen.

    >>> clipped("x" * 200, width=8)
    "'xxxxxx…"
    """
    try:
        text = without_addresses(repr(value))
    except (ValueError, TypeError, AttributeError, LookupError, ArithmeticError, RuntimeError):
        # A value that cannot even be shown must not hide the message about it.
        text = f"<a {type(value).__name__} that cannot be shown>"
    return text if len(text) <= width else text[: width - 1] + "…"


def unusable(answer: object) -> str:
    """
    Show an answer that is none, and say of a coroutine or a generator why it is one.

    >>> unusable(one for one in ())
    '<generator object <genexpr>>, which nobody runs: write the function without yield'
    """
    shown = clipped(answer)
    if isinstance(answer, Generator):
        return f"{shown}, which nobody runs: write the function without yield"
    if isinstance(answer, Coroutine):
        # Python would warn that nobody awaited it, at a place that says nothing to whoever wrote it.
        answer.close()
        return f"{shown}, which nobody runs: write def, not async def"
    if isinstance(answer, AsyncGenerator):
        return f"{shown}, which nobody runs: write def, not async def, and no yield"
    return shown


def refuse_unrun(answer: object) -> None:
    """
    Raise PluginError for an answer that somebody would have to run, where none is expected; any other is let go.

    >>> refuse_unrun(0)
    """
    if isinstance(answer, (Generator, Coroutine, AsyncGenerator)):
        raise PluginError(f"returned {unusable(answer)}")


def told(error: BaseException) -> str:
    """
    Put an exception into words that are the same in every run and that any file can hold.

    >>> told(ValueError("no <object at 0x7f3a2c>"))
    'ValueError: no <object>'
    """
    try:
        said = str(error)
    except (ValueError, TypeError, AttributeError, LookupError, ArithmeticError, RuntimeError):
        said = "(it cannot be shown)"
    return f"{type(error).__name__}: {writable(without_addresses(said))}"


def because(error: Raised, cause: BaseException) -> Raised:
    """
    Give an error its cause, for modules that may be compiled: mypyc leaves out what stands behind `raise … from`.

    >>> because(ValueError("late"), KeyError("first")).__cause__
    KeyError('first')
    """
    error.__cause__ = cause
    return error


def writable(text: str) -> str:
    """Write lone surrogates as escapes, so that the text can be encoded."""
    return text.encode("utf-8", "backslashreplace").decode()


def without_addresses(text: str) -> str:
    """
    Leave memory addresses out of a text: they differ from run to run.

    >>> without_addresses("<generator object walk at 0x7f3a2c>")
    '<generator object walk>'
    """
    return ADDRESS.sub("", text)


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
