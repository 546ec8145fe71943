"""
Determinism: whether a run file says the same again, in surroundings that are no input of it.

The run is repeated in fresh processes that differ in hash seed, time zone, working folder, global random
streams, the clock on the wall and the order of addresses; the journals are held against each other.

What this cannot see: what differs only between machines, processors or versions of libraries; what depends
on the timing of threads or on the network, and happened to go the same way; a file that gives every run the
same answer today and another one tomorrow; and chance that two runs agree on: a set of two has the same order
in every second process, so more `runs` see more.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import msgspec

from ropewalk.errors import ConfigError
from ropewalk.journal.diff import Difference, Place, diff
from ropewalk.journal.passages import Passages
from ropewalk.journal.surroundings import Asked, Outcome, Surroundings, importable_paths, run_in, surroundings_of
from ropewalk.notation import timestamp
from ropewalk.run_file import load_run

if TYPE_CHECKING:
    from collections.abc import Mapping

Role = Literal["", "said", "raised", "led", "made"]
RUNS_MAX = 50

ROLES: dict[str, str] = {
    "": "no strategy led there: what differs is the data, or what was recorded of the run's inputs",
    "said": "strategy {strategy!r} caused it: it does not say the same again",
    "raised": "strategy {strategy!r} caused it: it does not raise in both, or not with the same words",
    "led": (
        "an intent of strategy {strategy!r} led there, and that is the same in both: what settles or prices it is "
        "not, so look at the policy, the commission and the slippage"
    ),
    "made": "strategy {strategy!r} was made otherwise, though it said the same",
}


class Determinism(msgspec.Struct, frozen=True, kw_only=True):
    """
    What came of running a run file more than once.

    `difference` is the first one between the journals of the first run and of the one numbered `differs`.
    `strategy` is who caused it, in the `role` that ROLES words; empty when nobody did. `record` is what it said there
    in the run `record_of`, a or b. `errors` are those of the runs that failed, by their number; a run that fails where
    another does not is a difference, too.
    """

    run_file: str
    surroundings: tuple[Surroundings, ...]
    run_id: str = ""
    records: int = 0
    differs: int | None = None
    difference: Difference | None = None
    strategy: str = ""
    role: Role = ""
    record: dict[str, Any] = {}
    record_of: str = ""
    errors: dict[int, str] = {}
    is_judged: bool = True

    @property
    def is_equal(self) -> bool:
        """Whether all runs did the same."""
        return self.is_judged and self.differs is None

    @property
    def exit_code(self) -> int:
        """0: all runs are equal. 1: they diverge. 2: there is nothing to compare."""
        return 2 if not self.is_judged else 0 if self.differs is None else 1

    def to_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON."""
        told: dict[str, Any] = msgspec.to_builtins(self, str_keys=True)
        if self.difference is not None:
            told["difference"] = self.difference.to_dict()
        return {**told, "is_equal": self.is_equal, "exit_code": self.exit_code}

    def __str__(self) -> str:
        if not self.is_judged:
            return "\n".join(self._failures(f"{self.run_file} cannot be run"))
        if self.differs is None:
            equal = f"{len(self.surroundings)} runs of {self.records} records are equal"
            lines = [f"{self.run_file} is deterministic: {equal}", *(f"  {one}" for one in self.surroundings)]
            return "\n".join(lines)
        lines = [f"{self.run_file} is not deterministic"]
        if self.strategy or not self.errors:
            lines.append(ROLES[self.role].format(strategy=self.strategy))
        if self.record:
            lines.append(f"  {self.record_of}: {_told(self.record)}")
        lines += [f"a {self.surroundings[0]}", f"b {self.surroundings[self.differs]}"]
        if self.difference is not None:
            # Its first two lines say where the journals are, which are gone.
            lines += str(_plain(self.difference)).split("\n")[2:]
        if self.errors:
            lines += self._failures("what was raised")
        return "\n".join(lines)

    def _failures(self, title: str) -> list[str]:
        if len(self.errors) == len(self.surroundings) and len(dict.fromkeys(self.errors.values())) == 1:
            return [self.errors[0], f"(so in all {len(self.errors)} runs)"]
        lines = [title]
        for place, error in self.errors.items():
            lines.append(f"with {self.surroundings[place]}:")
            lines += [f"  {line}" for line in error.splitlines()]
        return lines


def check_determinism(run_file: str | Path, *, runs: int = 2, seconds_max: float | None = None) -> Determinism:
    """
    Run a run file `runs` times, each in a process and surroundings of its own, and compare what was recorded.

    The runs follow each other, so that what one leaves behind for the next is found, too. `seconds_max` bounds
    each of them, on the clock on the wall. Nothing is written but what the strategies write themselves. Raises
    RunFileError when the file cannot be read, ConfigError when `runs` makes no sense.
    """
    if not 2 <= runs <= RUNS_MAX:
        raise ConfigError(f"runs is {runs}; give 2 to {RUNS_MAX}")
    path = Path(run_file)
    paths = importable_paths()
    seats = load_run(path).orchestrator.seats.values()
    packages = dict.fromkeys(type(seat.strategy).__module__.split(".")[0] for seat in seats)
    with TemporaryDirectory(prefix="ropewalk-") as folder:
        asked = Asked(
            run_file=str(path.absolute()),
            paths=tuple(paths),
            own=tuple(name for name in packages if name != "ropewalk"),
            records=folder,
            seconds_max=seconds_max,
        )
        return _judged(str(path), _outcomes(surroundings_of(runs), asked))


def _outcomes(around: list[Surroundings], asked: Asked) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for one in around:
        outcome = run_in(one, asked)
        if outcome.error and one.clock_ahead_seconds and not outcomes[0].error:
            # Not every library bears a clock that is set ahead. What fails without it, too, has failed.
            outcome = run_in(msgspec.structs.replace(one, clock_ahead_seconds=0), asked)
        outcomes.append(outcome)
    return outcomes


def _judged(run_file: str, outcomes: list[Outcome]) -> Determinism:
    around = tuple(one.surroundings for one in outcomes)
    errors = {one.surroundings.place: one.error for one in outcomes if one.error}
    if len(errors) == len(outcomes) or any(one.error and not one.is_told for one in outcomes):
        return Determinism(run_file=run_file, surroundings=around, errors=errors, is_judged=False)
    first = outcomes[0]
    for other in outcomes[1:]:
        told: dict[str, Any] = {
            "run_file": run_file,
            "surroundings": around,
            "differs": other.surroundings.place,
            "errors": errors,
        }
        found = None if first.journal is None or other.journal is None else _difference(first.journal, other.journal)
        if found is not None:
            difference, culprit = found
            record = dict(culprit.record)
            return Determinism(**{**told, **culprit._asdict(), "difference": difference, "record": record})
        if bool(first.error) is not bool(other.error):
            return Determinism(**told)
    with Passages(first.journal or b"") as one:
        records = sum(1 for _ in one.lines_from(0)) + 1
        return Determinism(run_file=run_file, surroundings=around, run_id=one.journal.run_id, records=records)


class Culprit(NamedTuple):
    """The strategy behind a difference, in which way, and what it said in which run."""

    strategy: str = ""
    role: Role = ""
    record: Mapping[str, Any] = MappingProxyType({})
    record_of: str = ""


def _difference(a: Path, b: Path) -> tuple[Difference, Culprit] | None:
    found = diff(a, b)
    if found is None:
        return None
    # The environments differ on purpose, and are told as surroundings.
    found = msgspec.structs.replace(found, label_a="the first run", label_b="the other run", environment=())
    with Passages(a) as first, Passages(b) as second:
        strategies = tuple(first.journal.header.event.strategies)
        if found.kind_of_difference == "inputs":
            return found, _made(found, strategies)
        places = (("a", first, found.a), ("b", second, found.b))
        sides = {name: _followed(passages, place) for name, passages, place in places if place is not None}
    return found, _culprit({name: chain for name, chain in sides.items() if chain}, strategies)


def _made(found: Difference, strategies: tuple[str, ...]) -> Culprit:
    for field in found.inputs:
        for name in strategies:
            if field.name.startswith(f"plugins.strategy.{name}."):
                return Culprit(name, "made")
    return Culprit()


def _followed(passages: Passages, place: Place) -> list[dict[str, Any]]:
    """
    Take a record and its causes; for a step, the record behind it.

    A step is there because something followed from it: who said that is the one to name.
    """
    if place.said.get("k") != "step":
        return [place.said, *place.causes]
    walk = passages.lines_from(place.offset)
    next(walk)
    for offset, _ in walk:
        said = passages.line_at(offset)
        return [{name: value for name, value in said.items() if name != "x"}, *passages.causes(said, offset)]
    return []


def _culprit(sides: dict[str, list[dict[str, Any]]], strategies: tuple[str, ...]) -> Culprit:
    """Name who spoke first; where nobody did, whose intent led there."""
    spoke = [(name, chain[0]) for name, chain in sides.items() if _speaker(chain[0])]
    if spoke:
        name, first = min(spoke, key=lambda one: (one[1].get("t", 0), _seat(_speaker(one[1]), strategies)))
        strategy = _speaker(first)
        has_raised = any(said["k"] == "fault" and said["source"] == strategy for _, said in spoke)
        return Culprit(strategy, "raised" if has_raised else "said", first, name)
    for name, chain in sides.items():
        for said in chain:
            if said.get("k") == "intent":
                return Culprit(said["strategy"], "led", said, name)
        met = chain[0].get("strategies") or [chain[0].get("strategy")]
        if met[0] in strategies:
            return Culprit(met[0], "led", chain[0], name)
    return Culprit()


def _speaker(said: dict[str, Any]) -> str:
    return str({"intent": said.get("strategy"), "fault": said.get("source")}.get(said.get("k", ""), "") or "")


def _seat(strategy: str, strategies: tuple[str, ...]) -> int:
    return strategies.index(strategy) if strategy in strategies else len(strategies)


def _plain(difference: Difference) -> Difference:
    """Leave out what stands at the place of a record that one run has and the other has not."""
    if difference.kind_of_difference == "extra":
        return msgspec.structs.replace(difference, fields=(), a=None)
    if difference.kind_of_difference == "missing":
        return msgspec.structs.replace(difference, fields=(), b=None)
    return difference


def _told(said: dict[str, Any]) -> str:
    at = f" at {timestamp(said['t']).isoformat()}" if "t" in said else ""
    rest = [f"{name}={value}" for name, value in said.items() if name not in ("n", "k", "c", "t", "x")]
    return " ".join([f"{said['k']} {said['n']}{at}:", *rest])
