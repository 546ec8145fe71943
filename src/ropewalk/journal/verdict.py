"""The verdict on a journal: one function from a few claims to one of eight letters, each with what to do."""

from __future__ import annotations

from enum import Enum

CLEAN, DAMAGED, CANNOT_RUN, UNFINISHED = 0, 1, 2, 3
"""Exit codes: clean or equal; damaged or diverged; cannot run; incomplete but sound."""


class Verdict(Enum):
    """
    What a journal is, as a whole. Torn is not corrupt: only a torn tail may be cut off.

    `meaning` says it in words, `action` what to do, `exit_code` what a command answers.
    """

    COMPLETE = ("A", "complete", "open it", CLEAN)
    INCOMPLETE = ("B", "incomplete: it has no footer", "open it, or resume the run", UNFINISHED)
    TORN = ("C", "its tail is torn", "recover it: the tail goes to quarantine; then resume the run", UNFINISHED)
    CORRUPT = ("D", "corrupt in the middle", "keep it as it is; nothing is cut; compare it with a copy", DAMAGED)
    APPENDED = ("E", "something foreign follows the footer", "keep it; look at what was appended", DAMAGED)
    EDITED = (
        "F",
        "edited: its lines are in form, but a digest over them is wrong",
        "keep it; trust none of it",
        DAMAGED,
    )
    UNLINKED = ("G", "lines were lost, moved, or come from elsewhere", "keep it; compare it with a copy", DAMAGED)
    FOREIGN = ("H", "not a journal", "give a journal.jsonl, or the folder of a run", CANNOT_RUN)

    def __init__(self, letter: str, meaning: str, action: str, exit_code: int) -> None:
        self.letter = letter
        self.meaning = meaning
        self.action = action
        self.exit_code = exit_code


def verdict_of(
    *,
    has_header: bool,
    has_bad_line: bool,
    good_line_follows: bool,
    has_footer: bool,
    more_follows_footer: bool,
    digests_hold: bool,
    links_hold: bool,
) -> Verdict:
    """
    Judge a journal. The first claim that fits decides, the worst ones first.

    `has_bad_line` is about lines that cannot be believed by themselves, up to the footer; `good_line_follows`
    whether a line in form stands anywhere behind the first of them.
    """
    rows = (
        (not has_header, Verdict.FOREIGN),
        (has_bad_line and (good_line_follows or has_footer), Verdict.CORRUPT),
        (not links_hold, Verdict.UNLINKED),
        (not digests_hold, Verdict.EDITED),
        (has_footer and more_follows_footer, Verdict.APPENDED),
        (has_bad_line, Verdict.TORN),
        (not has_footer, Verdict.INCOMPLETE),
    )
    return next((verdict for fits, verdict in rows if fits), Verdict.COMPLETE)
