"""
Verification: everything that can be said against a journal, from its lines alone.

It imports no plugin, needs no data, and never writes.
"""

from __future__ import annotations

from collections import Counter
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import msgspec

from ropewalk.journal.links import NUMBERED
from ropewalk.journal.reader import lines_of, located, opened
from ropewalk.journal.recognition import recognised
from ropewalk.journal.rules import Rules
from ropewalk.journal.verdict import DAMAGED, Verdict, verdict_of
from ropewalk.recording.codec import SUM_LENGTH
from ropewalk.recording.kinds import Seal
from ropewalk.recording.names import JOURNAL, PART

if TYPE_CHECKING:
    from pathlib import Path

    from ropewalk.journal.links import Line
    from ropewalk.journal.reader import Source

FINDINGS_MAX = 100
FINDINGS_SHOWN = 20
ENDINGS = {"failed": "failed", "stopped": "was stopped"}
INSIDE = {kind: None for kind in NUMBERED if kind not in ("header", "footer")}


class Finding(msgspec.Struct, frozen=True):
    """
    One thing that is wrong: on which line, at which byte, by which rule, in words.

    The rules are framing, limit, number, schema, canonical, checksum, link, digest and cross.
    """

    line: int
    offset: int
    rule: str
    text: str

    def __str__(self) -> str:
        return f"line {self.line}, byte {self.offset}: {self.rule}: {self.text}"


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """
    What `verify` found.

    `found` counts all findings, `findings` holds the first of them. `lines` and `counts` are of lines in
    form. `reason` is why a run failed, `remark` about the names in its folder. `last_number` is the last
    record's before anything that is wrong, `sound_bytes` where that ends. `digest` is the SHA-256 of the whole file.
    """

    label: str
    verdict: Verdict
    findings: tuple[Finding, ...]
    found: int
    run: str
    status: str
    reason: str
    remark: str
    lines: int
    counts: dict[str, int]
    last_number: int
    sound_bytes: int
    digest: str

    @property
    def is_clean(self) -> bool:
        """Whether the journal is complete and nothing is wrong with it."""
        return self.verdict is Verdict.COMPLETE and not self.found

    @property
    def exit_code(self) -> int:
        """0 clean, 1 damaged, 2 not a journal, 3 incomplete but sound."""
        is_in_form = self.verdict in (Verdict.COMPLETE, Verdict.INCOMPLETE)
        return DAMAGED if is_in_form and self.found else self.verdict.exit_code

    @property
    def is_believable(self) -> bool:
        """Whether nothing is wrong with it, though the run may not have ended."""
        return self.verdict in (Verdict.COMPLETE, Verdict.INCOMPLETE) and not self.found

    @property
    def advice(self) -> str:
        """What to do with it."""
        is_in_form = self.exit_code != self.verdict.exit_code
        return Verdict.EDITED.action if is_in_form else self.verdict.action

    def to_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON."""
        told = msgspec.structs.asdict(self)
        told["verdict"] = {
            "letter": self.verdict.letter,
            "meaning": self.verdict.meaning,
            "action": self.verdict.action,
        }
        told["findings"] = [msgspec.structs.asdict(finding) for finding in self.findings]
        return {**told, "exit_code": self.exit_code}

    def __str__(self) -> str:
        how = f" journal of a run that {ENDINGS[self.status]}" if self.status in ENDINGS else ""
        head = f"{self.label}: {self.verdict.letter}, {self.verdict.meaning}{how}"
        if self.found:
            head += f"; {self.found} finding{'s' if self.found > 1 else ''}: {self.advice}"
        counted = ", ".join(f"{count} {kind}" for kind, count in sorted(self.counts.items()))
        lines = [head, *(f"  {told}" for told in (self.reason, self.remark) if told)]
        lines += [f"  {finding}" for finding in self.findings[:FINDINGS_SHOWN]]
        if self.found > min(len(self.findings), FINDINGS_SHOWN):
            lines.append(f"  … and {self.found - min(len(self.findings), FINDINGS_SHOWN)} more")
        how = self.status or ("its end is not judged" if self.counts.get("footer") else "not ended")
        sound = "nothing is sound" if self.last_number < 0 else f"sound up to {self.last_number}"
        lines.append(f"  run {self.run or 'unknown'}, {how}, {sound}: {counted or 'no lines in form'}")
        lines.append(f"  sha256 {self.digest}")
        return "\n".join(lines)


def verify(source: Source, *, findings_max: int = FINDINGS_MAX) -> Verification:
    """
    Hold a journal against all rules and collect what is wrong, the first `findings_max` in words.

    Rules between lines are judged up to the first line that cannot be believed. Raises JournalError only
    when there is nothing to read.
    """
    path = located(source)
    with opened(source) as stream:
        hint = recognised(stream.read(1 << 16))
    walk = _Walk(hint, findings_max)
    for place in lines_of(source):
        walk.take(place)
    return walk.end(path)


def remark_on(path: Path, *, is_whole: bool) -> str:
    """Say what is odd about the names in a run's folder, if anything is."""
    if path.name == PART and is_whole:
        return f"it still has the name of a part, {PART}; `ropewalk recover` gives it its own"
    part = path.with_name(PART)
    if path.name == JOURNAL and part.exists() and part.stat().st_size:
        return f"beside it is {PART}: a later run of the same inputs, which goes on or was killed"
    return ""


class _Walk:
    """A verification under way."""

    def __init__(self, hint: str, findings_max: int) -> None:
        self.hint = hint
        self.findings_max = findings_max
        self.findings: list[Finding] = []
        self.found = 0
        self.rules = Rules()
        self.counts: Counter[str] = Counter()
        self.kinds: list[str] = []
        self.bytes = sha256()
        self.content = sha256()
        self.unread: list[bytes] = []
        self.kept: list[bytes] = []
        self.has_header = self.has_footer = self.has_bad_line = self.good_line_follows = False
        self.more_follows_footer = False
        self.digests_hold = self.links_hold = True
        self.run = self.status = self.reason = ""
        self.last_sound: Line | None = None
        self.last_seal = 0

    def take(self, place: Line) -> None:
        """Judge the next line."""
        _, _, raw, has_end, said, error = place
        if error is not None or self.has_footer or said is None:
            self._doubt(place)
        elif self.has_bad_line or not self.links_hold:
            # Rules between lines need all of them; from here on only the form is judged.
            self.good_line_follows = self.good_line_follows or self.has_bad_line
            self.has_footer = said[1] == "footer"
            self.kinds.append(said[1])
        else:
            number, kind, cause, event, about = said
            self.kinds.append(kind)
            if kind in INSIDE:
                self.kept.append(raw[:-SUM_LENGTH])
                wrong = self.rules.see(number, cause, event)
            else:
                wrong = self._punctuate(place, number, kind, cause, event, about)
            if wrong:
                self._find(place, "cross", f"{kind} {number}: {wrong}")
            self.last_sound = place
        unread = self.unread
        unread.append(raw)
        if len(unread) >= 1024 or not has_end:
            self._digest(b"\n" if has_end else b"")

    def _punctuate(self, place: Line, number: int, kind: str, cause: int | None, event: Any, about: Any) -> str:
        if kind == "ckpt" or kind == "footer":
            self.kinds.pop()
            self._check_seal(place, event if kind == "ckpt" else about)
            self.kinds.append(kind)
        if kind == "footer":
            self.has_footer, self.status, self.reason = True, event.status, event.reason
            return self.rules.see(number, cause, event)
        if kind == "header":
            self.has_header, self.run = True, about.run
        return self.rules.open(event, about)

    def end(self, path: Path | None) -> Verification:
        """Come to the verdict on what lies at a path, or in memory."""
        self._digest()
        verdict = verdict_of(
            has_header=self.has_header,
            has_bad_line=self.has_bad_line,
            good_line_follows=self.good_line_follows,
            has_footer=self.has_footer,
            more_follows_footer=self.more_follows_footer,
            digests_hold=self.digests_hold,
            links_hold=self.links_hold,
        )
        if verdict is Verdict.FOREIGN and self.hint:
            self.findings = [Finding(1, 0, "framing", self.hint), *(one for one in self.findings if one.line > 1)]
            self.found = max(self.found, 1)
        number, sound = -1, 0
        if self.last_sound is not None:
            _, offset, raw, _, said, _ = self.last_sound
            number, sound = -1 if said is None else said[0], offset + len(raw) + 1
        return Verification(
            label="the journal in memory" if path is None else str(path),
            verdict=verdict,
            findings=tuple(self.findings[: self.findings_max]),
            found=self.found,
            run=self.run,
            status=self.status,
            reason=self.reason,
            remark="" if path is None else remark_on(path, is_whole=verdict is Verdict.COMPLETE),
            lines=sum(self.counts.values()),
            counts=dict(self.counts),
            last_number=number,
            sound_bytes=sound,
            digest=self.bytes.hexdigest(),
        )

    def _find(self, place: Line, rule: str, text: str) -> None:
        self.found += 1
        is_another = not self.findings or self.findings[-1].text != text
        if len(self.findings) < self.findings_max and is_another:
            self.findings.append(Finding(place[0], place[1], rule, text))

    def _doubt(self, place: Line) -> None:
        _, _, _, _, said, error = place
        if self.has_footer and not self.has_bad_line and self.links_hold:
            if not self.more_follows_footer:
                is_header = said is not None and said[1] == "header"
                what = "a second journal begins here" if is_header else "something foreign"
                self._find(place, "link", f"{what}: nothing may follow the footer")
            self.more_follows_footer = True
            return
        if error is None:
            self._find(place, "framing", "nothing may follow the footer")
        else:
            self._find(place, error.rule, str(error))
        if error is not None and error.rule == "link":
            self.links_hold = False
        else:
            self.good_line_follows = self.good_line_follows or (self.has_bad_line and said is not None)
            self.has_bad_line = True

    def _digest(self, end: bytes = b"\n") -> None:
        if self.unread:
            self.bytes.update(b"\n".join(self.unread))
            self.bytes.update(end)
            self.unread.clear()
        self.counts.update(self.kinds)
        self.kinds.clear()
        if self.kept:
            self.content.update(b"\n".join(self.kept))
            self.content.update(b"\n")
            self.kept.clear()

    def _check_seal(self, place: Line, seal: Seal) -> None:
        self._digest()
        wrong = [
            name
            for name, told, found in (
                ("all bytes before it", seal.sha256, self.bytes.hexdigest()),
                ("the events", seal.events, self.content.hexdigest()),
                ("the books", seal.books, self.rules.books.digest()),
                ("the counts", seal.counts, self.counts),
            )
            if told != found
        ]
        if wrong:
            first = self.last_seal + 1
            window = f"something was edited in lines {first} to {place[0]}"
            self._find(place, "digest", f"{' and '.join(wrong)} are others: {window}")
            self.digests_hold = False
        self.last_seal = place[0]
