"""
Look-ahead: whether what a strategy wants at an instant depends on what comes after it.

A run over all data is held against runs over data that end at some instants, and over data whose prices are
others after these instants. Up to there nobody can know the difference, so every strategy must want the same.

What this cannot see: a strategy that looks up the future somewhere else, also in the file that the bars were
read from, since only what a run is given is cut and scrambled; and a future that happens to change nothing at
the instants that are looked at, so more `instants` see more.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import msgspec

from ropewalk.errors import ConfigError, FeedError
from ropewalk.events import DataEnded, Fault, Intent
from ropewalk.feeds.futures import cut_after, instants_of, scrambled_after
from ropewalk.money import currency
from ropewalk.notation import timestamp
from ropewalk.orchestrator import StrategyOrchestrator
from ropewalk.plugins.modules import unread_files
from ropewalk.run_file import load_run

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ropewalk.feeds.feed import Feed

Future = Literal["cut", "scrambled"]
Change = Literal["different", "missing", "extra", "raised"]
INSTANTS_MAX = 1_000

FUTURES: dict[Future, Callable[[Feed, int, int], Feed]] = {
    "cut": lambda feed, at_us, _seed: cut_after(feed, at_us),
    "scrambled": lambda feed, at_us, seed: scrambled_after(feed, at_us, seed=seed),
}
"""How the data after an instant are made other data."""


class Peek(msgspec.Struct, frozen=True, kw_only=True):
    """
    The first intent of a strategy that changed, though only the data after `after_us` did.

    `was` is the intent on all data, `became` the one in its place; empty where there is none. `error` is what the
    strategy raised instead. With `is_consequence` another strategy changed at an earlier instant, and this one does
    not change when it runs alone: it answered to what the other took or left. It changed in `trials` trials.
    """

    strategy: str
    future: Future
    after_us: int
    at_us: int
    symbol: str
    change: Change
    was: dict[str, Any]
    became: dict[str, Any]
    error: str = ""
    is_consequence: bool = False
    trials: int = 1

    def __str__(self) -> str:
        at, after = timestamp(self.at_us).isoformat(), timestamp(self.after_us).isoformat()
        what = f"raised {self.error}" if self.change == "raised" else f"its intent for {self.symbol} is {self.change}"
        done = "are cut off" if self.future == "cut" else "are scrambled"
        perhaps = ", as a consequence of the others: alone it wants the same" if self.is_consequence else ""
        lines = [f"{self.strategy}: at {at} {what} when the data after {after} {done}{perhaps}"]
        if self.change != "raised":
            lines += [f"  on all data: {_worded(self.was)}", f"  then: {_worded(self.became)}"]
        return "\n".join(lines)


class Lookahead(msgspec.Struct, frozen=True, kw_only=True):
    """
    What came of holding a run against runs with other futures.

    `cuts` are the instants after which the data changed, `compared` the intents of each strategy up to the last of
    them. `peeks` has each strategy that changed once, the likeliest to look ahead first. The `unsteady` say
    something else even on the same data, so their peeks mean nothing: `check-determinism` tells more.
    """

    run_file: str
    cuts: tuple[int, ...]
    trials: int
    compared: dict[str, int]
    peeks: tuple[Peek, ...] = ()
    unsteady: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """0: nobody changed. 1: somebody did."""
        return 1 if self.peeks else 0

    def to_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON."""
        told: dict[str, Any] = msgspec.to_builtins(self)
        return {**told, "exit_code": self.exit_code}

    def __str__(self) -> str:
        first, last = timestamp(self.cuts[0]).date(), timestamp(self.cuts[-1]).date()
        after = "one instant" if len(self.cuts) == 1 else f"{len(self.cuts)} instants"
        when = f"{first}" if first == last else f"{first} to {last}"
        tried = f"{self.trials} other futures after {after}, {when}"
        steady = [peek for peek in self.peeks if peek.strategy not in self.unsteady]
        found = ", ".join(peek.strategy for peek in steady if not peek.is_consequence)
        nobody = "nobody who can be judged looks ahead" if self.unsteady else "nobody looks ahead"
        lines = [f"{self.run_file}: {f'looks ahead: {found}' if found else nobody} ({tried})"]
        lines += [line for peek in steady for line in str(peek).split("\n")]
        lines += [f"{one}: not even the same on the same data; try ropewalk check-determinism" for one in self.unsteady]
        caught = [peek.strategy for peek in self.peeks]
        for strategy, count in self.compared.items():
            if strategy not in caught:
                every = f"{count} intents, always the same" if count > 1 else "one intent, the same each time"
                lines.append(f"{strategy}: {every if count else 'wanted nothing'}")
        return "\n".join(lines)


def check_lookahead(run_file: str | Path, *, instants: int = 5, seed: int = 0) -> Lookahead:
    """
    Run a run file over all its data and over two other futures after each of some instants.

    The instants are spread evenly, each moved to the nearest at which one of the strategies wants something, taken
    in turn: that is where one that knows the future shows it. `seed` scrambles otherwise. Raises RunFileError,
    FeedError and StrategyError as the run itself does.
    """
    if not 1 <= instants <= INSTANTS_MAX:
        raise ConfigError(f"cuts are made after {instants} instants; ask for 1 to {INSTANTS_MAX:,}")
    path = Path(run_file)
    planned = load_run(path, settings={"log_directory": None})
    feed = planned.feed()
    times = instants_of(feed)
    if len(times) < 2:
        raise FeedError(f"{feed.label}: there is one instant only; what comes after it cannot be changed")
    whole = _said(planned.orchestrator, feed)
    cuts = _cuts(times, whole, instants)
    found: list[list[Peek]] = []
    for cut_us in cuts:
        for future, changed in FUTURES.items():
            found.append(_changes(whole, _said(_fresh(path), changed(feed, cut_us, seed)), future, cut_us))
    peeks = [_alone(peek, path, feed, seed) if peek.is_consequence else peek for peek in _gathered(found)]
    peeks.sort(key=_rank)
    again = _said(_fresh(path), feed) if peeks else whole
    return Lookahead(
        run_file=str(path),
        cuts=tuple(cuts),
        trials=len(found),
        compared={name: sum(one.at_us <= cuts[-1] for one in intents) for name, intents in whole.intents.items()},
        peeks=tuple(peeks),
        unsteady=tuple(one.strategy for one in peeks if again.intents[one.strategy] != whole.intents[one.strategy]),
    )


class Said(NamedTuple):
    """What each strategy said in a run while there were data, in order, and what it raised first."""

    intents: Mapping[str, list[Intent]]
    faults: Mapping[str, Fault]


def _fresh(path: Path) -> StrategyOrchestrator:
    """Load the run once more, with the code of strategies' files run anew: what a module keeps is not carried over."""
    with unread_files():
        orchestrator = load_run(path, settings={"log_directory": None}).orchestrator
    if orchestrator.config.on_strategy_error == "stop":
        # A strategy that raises must not silence the others; what it raised is held against it.
        orchestrator.config = orchestrator.config.model_copy(update={"on_strategy_error": "suspend"})
    return orchestrator


def _alone(peek: Peek, path: Path, feed: Feed, seed: int) -> Peek:
    """Look at a strategy that changed after another one did, without the others."""

    def alone(data: Feed) -> Said:
        every = _fresh(path)
        seats = {peek.strategy: every.seats[peek.strategy]}
        return _said(StrategyOrchestrator(seats, currency(every.capital_micros), every.config), data)

    other = FUTURES[peek.future](feed, peek.after_us, seed)
    changes = _changes(alone(feed), alone(other), peek.future, peek.after_us)
    return msgspec.structs.replace(peek, is_consequence=not changes)


def _said(orchestrator: StrategyOrchestrator, feed: Feed) -> Said:
    result = orchestrator.run(feed)
    intents: dict[str, list[Intent]] = {name: [] for name in orchestrator.seats}
    faults: dict[str, Fault] = {}
    for _, _, event in result.record.entries:
        if isinstance(event, DataEnded):
            # What is said from here on, such as closing what is open, answers to the end of the data.
            break
        if isinstance(event, Intent):
            intents[event.strategy].append(event)
        elif isinstance(event, Fault):
            faults.setdefault(event.source, event)
    return Said(intents, faults)


def _cuts(times: Sequence[int], whole: Said, count: int) -> list[int]:
    """Spread instants evenly, each with at least one after it, and move them to where strategies speak."""
    last = len(times) - 2
    place_of = {at_us: place for place, at_us in enumerate(times)}
    spoken = [
        places for intents in whole.intents.values() if (places := sorted({place_of[one.at_us] for one in intents}))
    ]
    reach = len(times) // (2 * (count + 1))
    chosen: dict[int, None] = {}
    for seat in range(count):
        even = min((seat + 1) * len(times) // (count + 1), last)
        near = even
        if spoken:
            near = min(spoken[seat % len(spoken)], key=lambda place: (abs(place - even), place))
        chosen[near if abs(near - even) <= reach and near <= last else even] = None
    return [times[place] for place in sorted(chosen)]


def _changes(whole: Said, again: Said, future: Future, cut_us: int) -> list[Peek]:
    peeks = []
    for strategy, intents in whole.intents.items():
        was = [one for one in intents if one.at_us <= cut_us]
        became = [one for one in again.intents[strategy] if one.at_us <= cut_us]
        fault = again.faults.get(strategy)
        if fault is not None and (fault.at_us > cut_us or fault == whole.faults.get(strategy)):
            fault = None
        peek = _first_change(was, became, fault, strategy=strategy, future=future, after_us=cut_us)
        if peek is not None:
            peeks.append(peek)
    return peeks


def _first_change(was: list[Intent], became: list[Intent], fault: Fault | None, **about: Any) -> Peek | None:
    """Find the first difference of what one strategy said, or that it raised before there was one."""
    same = next((n for n, (a, b) in enumerate(zip(was, became, strict=False)) if a != b), min(len(was), len(became)))
    one, other = (said[same] if same < len(said) else None for said in (was, became))
    if fault is not None and (other is None or fault.at_us <= other.at_us):
        return Peek(
            **about, at_us=fault.at_us, symbol=fault.symbol, change="raised", was={}, became={}, error=fault.error
        )
    if one is None and other is None:
        return None
    change: Change = "different"
    if other is None or (one is not None and (one.at_us, one.symbol) != (other.at_us, other.symbol)):
        change = "missing"
        # What stands at an earlier instant, or before an intent that still comes, was not there on all data.
        if one is None or (other is not None and (other.at_us < one.at_us or one in became[same:])):
            change = "extra"
    elif one is None:
        change = "extra"
    shown = other if change == "extra" and other is not None else one
    if shown is None:
        return None
    return Peek(
        **about,
        at_us=shown.at_us,
        symbol=shown.symbol,
        change=change,
        was={} if change == "extra" or one is None else msgspec.to_builtins(one),
        became={} if change == "missing" or other is None else msgspec.to_builtins(other),
    )


def _gathered(trials: list[list[Peek]]) -> list[Peek]:
    """
    Keep one peek of each strategy, the earliest of those that are nobody's consequence for sure.

    Strategies that change at the same instant cannot have influenced each other there.
    """
    count: Counter[str] = Counter()
    kept: dict[str, Peek] = {}
    for peeks in trials:
        earliest = min((peek.at_us for peek in peeks), default=0)
        for peek in peeks:
            count[peek.strategy] += 1
            peek = msgspec.structs.replace(peek, is_consequence=peek.at_us > earliest)
            if peek.strategy not in kept or _rank(peek) < _rank(kept[peek.strategy]):
                kept[peek.strategy] = peek
    ranked = sorted(kept.values(), key=_rank)
    return [msgspec.structs.replace(peek, trials=count[peek.strategy]) for peek in ranked]


def _rank(peek: Peek) -> tuple[bool, int, int]:
    return peek.is_consequence, peek.at_us, peek.after_us


def _worded(said: dict[str, Any]) -> str:
    if not said:
        return "nothing"
    amount = said["amount"]
    much = {
        "quantity": "1 lot" if amount == 1 else f"{amount} lots",
        "notional": f"for {amount / 1e6:,.2f}",
        "fraction": f"{amount / 1e6:.6g} of " + ("what is held" if said["action"] == "close" else "its capital"),
    }[said["unit"]]
    rest = "".join(f", {name} {said[name]!r}" for name in ("note", "flaw") if said.get(name))
    return f"{said['action']} {said['symbol']} {much}{rest}"
