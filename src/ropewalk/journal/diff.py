"""
Differences: the first thing that happened otherwise in two runs, with its causes and what may be behind it.

Journals of the same inputs are the same bytes up to the first difference. Those of other inputs differ in every
checksum: what is compared is what happened, the numbered lines after the header, whose digest stands in every
checkpoint, so that the place is found by halving.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

import msgspec

from ropewalk.journal.parting import FROM_THE_BEGINNING, check_sound, first_apart, start_of
from ropewalk.journal.passages import Passages
from ropewalk.journal.verdict import DAMAGED
from ropewalk.money import MICROS_MAX
from ropewalk.notation import timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ropewalk.journal.parting import Class, Walk
    from ropewalk.journal.reader import Source


class FieldDifference(msgspec.Struct, frozen=True):
    """One value that is not the same; None where a side does not have it."""

    name: str
    a: Any
    b: Any

    def __str__(self) -> str:
        return f"{self.name}: {_shown(self.a)} | {_shown(self.b)}"


class Place(msgspec.Struct, frozen=True):
    """
    One side of a difference: the line and byte, what stands there, and the causes that led to it.

    A step says only that something followed from an instant; `first` is what. A line that `was_changed` after it was
    written has another checksum than the one that stands in it.
    """

    line: int
    offset: int
    said: dict[str, Any]
    causes: list[dict[str, Any]]
    first: dict[str, Any] | None = None
    was_changed: bool = False


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """
    The first difference of two journals.

    `kind_of_difference` says whether a record is different, missing in b, extra in b, or whether only the
    inputs differ and the same happened; `number`, `at_us` and `kind` are the record's. `fields` is empty for a record
    that only one side has, and the place of the other is where that goes on, None where it ends. `equal_up_to` is the
    number at the last checkpoint that is equal, `inputs` and `environment` are what differs around it.
    """

    label_a: str
    label_b: str
    kind_of_difference: Class
    number: int
    at_us: int | None
    kind: str
    fields: tuple[FieldDifference, ...]
    a: Place | None
    b: Place | None
    equal_up_to: int | None
    inputs: tuple[FieldDifference, ...]
    environment: tuple[FieldDifference, ...]

    @property
    def exit_code(self) -> int:
        """1: the journals differ."""
        return DAMAGED

    def to_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON."""
        told: dict[str, Any] = msgspec.to_builtins(self)
        return {**told, "exit_code": self.exit_code}

    def __str__(self) -> str:
        lines = [f"a {self.label_a}", f"b {self.label_b}"]
        if self.kind_of_difference == "inputs":
            lines.append("the same happened; the inputs differ")
        else:
            lines.append(
                f"number {self.number}{_at(self.at_us)}: {self.kind} is {self.kind_of_difference}{_in_b(self)}"
            )
            lines += [f"  {field}" for field in self.fields]
            for name, place in (("a", self.a), ("b", self.b)):
                lines += self._side(name, place)
            lines.append(
                "equal before that; no checkpoint stands there"
                if self.equal_up_to is None
                else f"equal up to the checkpoint at {self.equal_up_to}, and from there to that"
            )
        for title, found in (
            ("inputs that differ", self.inputs),
            ("environment that differs", self.environment),
        ):
            if found:
                lines += [f"{title}:", *(f"  {field}" for field in found)]
        return "\n".join(lines)

    def _side(self, name: str, place: Place | None) -> list[str]:
        """Tell what stands on one side; of a record that only one side has, the other says where it goes on."""
        owner = {"missing": "a", "extra": "b"}.get(self.kind_of_difference, name)
        if place is None:
            return [f"  {name}: ends there, unfinished"]
        changed = ", which was changed after it was written" if place.was_changed else ""
        where = f"  {name}: line {place.line}, byte {place.offset}{changed}"
        followed = [f"    followed by {_told(place.first)}"] if place.first is not None else []
        if name != owner:
            goes_on = f"{place.said.get('k')} {place.said.get('n')}{_at(place.said.get('t'))}"
            return [f"{where}: goes on with {goes_on}", *followed]
        is_alone = self.kind_of_difference in ("missing", "extra")
        head = f"{where}: {_told(place.said)}" if is_alone else where
        return [head, *(f"    because of {_told(cause)}" for cause in place.causes), *followed]


def diff(a: Source, b: Source) -> Difference | None:
    """
    Find the first difference of two journals; None when the same happened from the same inputs.

    Journals of the same inputs are held against each other byte by byte. Of others the digests in the checkpoints are
    believed, since each line has another checksum: verify them first. Raises DamagedError when one of them cannot be
    read where they differ, or says the same in other bytes, and JournalError when its tail is torn there.
    """
    with Passages(a) as first, Passages(b) as second:
        inputs = tuple(_fields(_inputs(first), _inputs(second)))
        environments = _surroundings(first), _surroundings(second)
        # A sidecar that is not there says nothing about what was around.
        around = tuple(_fields(*environments)) if all(environments) else ()
        start = start_of(first, second, has_same_inputs=not inputs)
        if start is None:
            return None
        found = first_apart(first, second, start)
        if found is None and inputs:
            # That the same happened is not said because of a digest.
            start = FROM_THE_BEGINNING
            found = first_apart(first, second, start)
        if found is None and not inputs:
            check_sound(a, b)
            return None
        labels: dict[str, Any] = {
            "label_a": first.label,
            "label_b": second.label,
            "inputs": inputs,
            "environment": around,
        }
        if found is None:
            return Difference(
                **labels,
                kind_of_difference="inputs",
                number=0,
                at_us=None,
                kind="header",
                fields=inputs,
                a=None,
                b=None,
                equal_up_to=None,
            )
        which, place_a, place_b = found
        side_a, side_b = _place(first, place_a), _place(second, place_b)
        here = side_b if side_a is None or which == "extra" else side_a
        said = here.said if here is not None else {}
        return Difference(
            **labels,
            kind_of_difference=which,
            number=said.get("n", 0),
            at_us=said.get("t"),
            kind=said.get("k", ""),
            # What stands where a record is missing is another one: its fields say nothing about this.
            fields=tuple(_fields(side_a.said, side_b.said)) if which == "different" and side_a and side_b else (),
            a=side_a,
            b=side_b,
            equal_up_to=start.equal_up_to,
        )


def _place(passages: Passages, walk: Walk | None) -> Place | None:
    if walk is None:
        return None
    offset, line = walk
    said = passages.said(line, offset)
    at, following = next(islice(passages.lines_from(offset), 1, 2), (0, b"")) if said["k"] == "step" else (0, b"")
    return Place(
        passages.line_number(offset),
        offset,
        said,
        passages.causes(said, offset),
        passages.said(following, at) if following else None,
        was_changed=not passages.is_summed(offset),
    )


def _inputs(passages: Passages) -> dict[str, Any]:
    header, inputs = passages.journal.header, passages.journal.inputs
    said: dict[str, Any] = msgspec.to_builtins(inputs)
    said["data"] = {str(place): one for place, one in enumerate(said["data"])}
    said["plugins"] = {f"{one['role']}.{one['id']}": one for one in said["plugins"]}
    started: dict[str, Any] = msgspec.to_builtins(header.event)
    return {**said, "semantics": header.about.semantics, "version": header.about.version, "started": started}


def _surroundings(passages: Passages) -> dict[str, Any]:
    # When a run took place differs always, and explains nothing.
    told = passages.journal.environment
    return {name: value for name, value in told.items() if name not in ("began", "ended")}


def _fields(a: dict[str, Any], b: dict[str, Any], prefix: str = "") -> Iterator[FieldDifference]:
    """Compare two mappings, and the mappings in them, name by name in the order of the first."""
    waiting = [(prefix, a, b)]
    while waiting:
        where, left, right = waiting.pop(0)
        for name in {**left, **right}:
            one, other = left.get(name), right.get(name)
            if one == other and type(one) is type(other) and (name in left) == (name in right):
                continue
            if isinstance(one, dict) and isinstance(other, dict):
                waiting.append((f"{where}{name}.", one, other))
            else:
                yield FieldDifference(f"{where}{name}", one, other)


def _at(at_us: Any) -> str:
    # In a line that was damaged anything may stand there.
    if at_us.__class__ is not int:
        return ""
    return (
        f" at {timestamp(at_us).isoformat()}" if abs(at_us) <= MICROS_MAX else f" at {at_us} µs, which no clock tells"
    )


def _in_b(difference: Difference) -> str:
    return "" if difference.kind_of_difference == "different" else " in b"


def _told(said: dict[str, Any]) -> str:
    if said.get("k") == "header":
        # What differs in it is told as inputs.
        return f"header {said.get('n')} of run {said.get('run')}"
    rest = " ".join(f"{name}={_shown(value)}" for name, value in said.items() if name not in ("n", "k", "c", "t"))
    return f"{said.get('k')} {said.get('n')}: {rest}"


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) and value else msgspec.json.encode(value).decode()
    return text if len(text) <= 60 else text[:59] + "…"
