"""
Regret: the shadow book, in which capital that was refused or trimmed is put to work after all.

A pure function of a journal's events and its bars, exact in micros. It shows what each limit and each policy cost, or
saved, one refusal at a time; that the capital was not there to be had twice, it does not know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from ropewalk.config.orchestrator import OWN_LIMITS
from ropewalk.errors import DamagedError, JournalError
from ropewalk.events import Conflict, DataEnded, Decision, Dividend, Fill, Intent, Split
from ropewalk.journal.overrides import setup_of
from ropewalk.journal.own_rules import OwnRules
from ropewalk.journal.reader import Journal
from ropewalk.journal.remaking import feed_beside
from ropewalk.journal.rule_places import own_rules
from ropewalk.journal.shadows import Prices, Shadow, Terms
from ropewalk.journal.state import state_of
from ropewalk.ledger.execution import Costs
from ropewalk.money import currency
from ropewalk.plugins import Catalog

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from ropewalk.config import OrchestratorConfig
    from ropewalk.journal.reader import Source

POLICY = "policy"
ASSUMPTIONS = (
    "each refused or trimmed part is an order of its own, filled as the run's orders are: at the same prices, with the "
    "same commission and slippage",
    "it is held until its strategy wants out of that symbol, or gets in after all where it was refused altogether, or "
    "to the end, where it is marked at the last close",
    "while it is held, what its strategy is refused in that symbol again is counted and not bought a second time",
    "strategies, prices and all other decisions stay as they were; nobody had to give the capital up",
)

WHOLE = "it fills whole, at the open or the close that orders start from, though the run's orders fill by a model"


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """
    What one limit or one policy took, and what that would have earned.

    `decisions` it took something from, `refused_micros` in all. Of these `shadows` were bought in the shadow book, for
    `invested_micros`; `repeats` were asked again meanwhile, `unfilled` bought no lot. `open` are held to the end.
    `profit_micros` is of all shadows, costs included, and `strategies` says whose it is.
    """

    rule: str
    decisions: int
    refused_micros: int
    shadows: int
    repeats: int
    unfilled: int
    open: int
    invested_micros: int
    profit_micros: int
    strategies: dict[str, int]

    def to_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON; money in currency."""
        told: dict[str, Any] = msgspec.to_builtins(self)
        for name in ("refused", "invested", "profit"):
            told[name] = float(currency(told.pop(f"{name}_micros")))
        told["strategies"] = {name: float(currency(micros)) for name, micros in self.strategies.items()}
        return told


class Regret(msgspec.Struct, frozen=True, kw_only=True):
    """What all limits and policies of a run took: a `Rule` each, in the order they first bound, and the shadows."""

    label: str
    run: str
    rules: tuple[Rule, ...]
    shadows: tuple[Shadow, ...]
    assumptions: tuple[str, ...] = ASSUMPTIONS

    @property
    def profit_micros(self) -> int:
        """What all of it would have earned."""
        return sum(one.profit_micros for one in self.rules)

    def to_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON."""
        return {
            "journal": self.label,
            "run": self.run,
            "profit": float(currency(self.profit_micros)),
            "rules": [one.to_dict() for one in self.rules],
            "shadows": [one.to_dict() for one in self.shadows],
            "assumptions": list(self.assumptions),
        }


def regret(
    source: Source,
    *,
    data: Any = None,
    config: OrchestratorConfig | None = None,
    folder: Path | str = "",
    plugins: Sequence[Path | str] = (),
) -> Regret:
    """
    Say what the capital that a run refused or trimmed would have earned.

    `data` are needed where no copy of the bars lies beside the journal, `config` where a cost model came as an object.
    One that was made by name is looked for in `folder`, and in the folders `plugins`.
    Raises JournalError for a journal that cannot be read or has not ended, MissingInputError where
    the bars are missing.
    """
    journal = Journal(source)
    feed = feed_beside(journal, data)
    state = state_of(journal, data=feed)
    if state.wrong:
        raise DamagedError(f"{journal.label}: {state.wrong}; verify it")
    if state.result is None:
        raise JournalError(f"{journal.label}: {state.missing}; what was refused cannot be followed to its end")
    terms = _terms(journal, OwnRules(journal, config, catalog=Catalog(plugins, base=folder)))
    instruments = terms.instrument_map()
    commission, slippage = terms.commission_model(), terms.slippage_model()
    prices = Prices(
        feed.series,
        instruments=instruments,
        fills_at_close=terms.fill_at == "close",
        last_us=state.result.ended.at_us,
    )
    shop = Terms(prices, Costs(commission, slippage))
    book = _ShadowBook(shop)
    for number, cause, event in state.result.record.entries:
        book.take(number, cause, event)
    return Regret(
        label=journal.label,
        run=journal.run_id,
        rules=tuple(book.rules()),
        shadows=tuple(book.ended()),
        assumptions=ASSUMPTIONS if terms.filling() is None else (*ASSUMPTIONS, WHOLE),
    )


def _terms(journal: Journal, rules: OwnRules) -> OrchestratorConfig:
    """Find how orders were filled; which policies and limits there were is of no matter."""
    settings = journal.inputs.configuration["settings"]
    is_own = {place for place, _ in own_rules(settings)}
    others = {"conflict_policy": "independent", "conflict_policies": None, OWN_LIMITS: None}
    overrides = {name: others[name] for name in others if name in is_own}
    return setup_of(journal.inputs, overrides, is_live=True, rules=rules).config


class _ShadowBook:
    """All shadows of a run, kept while its events go by."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._intents: dict[int, Intent] = {}
        self._allowed: dict[int, tuple[str, int]] = {}
        self._open: dict[tuple[str, str], list[Shadow]] = {}
        self._shadows: list[Shadow] = []
        self._taken: dict[str, list[int]] = {}
        self._has_ended = False

    def take(self, number: int, cause: int, event: Any) -> None:
        """Hear one event."""
        if isinstance(event, Intent):
            self._intents[number] = event
            self._leave(event)
        elif isinstance(event, Conflict):
            rule = f"{POLICY} {event.policy}" + (f" ({event.parameters})" if event.parameters else "")
            self._allowed |= {
                intent: (rule, micros) for intent, micros in zip(event.intents, event.allowed_micros, strict=True)
            }
        elif isinstance(event, Decision):
            self._refuse(number, cause, event)
        elif isinstance(event, Fill):
            self._enter(cause, event)
        elif isinstance(event, (Split, Dividend)):
            for shadow in self._shadows:
                shadow.adjust(event, self._terms)
        elif isinstance(event, DataEnded):
            self._has_ended = True

    def _refuse(self, number: int, intent: int, decision: Decision) -> None:
        wanted = self._intents[intent]
        is_repeat = any(not one.is_over for one in self._open.get((decision.strategy, decision.symbol), ()))
        opened = []
        for rule, micros in self._parts(intent, decision):
            # decisions, micros, repeats, unfilled
            counts = self._taken.setdefault(rule, [0, 0, 0, 0])
            counts[0] += 1
            counts[1] += micros
            if is_repeat:
                counts[2] += 1
                continue
            shadow = self._terms.bought(number, decision, wanted, rule, micros, has_ended=self._has_ended)
            if shadow is None:
                counts[3] += 1
            else:
                opened.append(shadow)
        if opened:
            self._open[decision.strategy, decision.symbol] = opened
            self._shadows += opened

    def _parts(self, intent: int, decision: Decision) -> Iterator[tuple[str, int]]:
        """Say which rules took how much: the policy what it did not allow, the last rule all else."""
        asked, granted, reason = decision.asked_micros, decision.granted_micros, decision.reason
        rule, allowed = self._allowed.get(intent, ("", asked))
        allowed = granted if reason == POLICY else allowed
        if allowed < asked:
            yield rule or POLICY, asked - allowed
        if granted < allowed:
            # Limits of one's own share a reason, and each is a rule.
            yield f"{reason} {decision.group}" if reason == "own_limit" else reason, allowed - granted

    def _leave(self, intent: Intent) -> None:
        for shadow in self._open.get((intent.strategy, intent.symbol), ()):
            if not shadow.is_over and _is_exit(intent, shadow.side):
                shadow.leave(
                    self._terms.prices.fill_after(intent.symbol, intent.at_us, is_over=self._has_ended), "exit"
                )

    def _enter(self, decision: int, fill: Fill) -> None:
        opened = fill.quantity - fill.closed_quantity
        for shadow in self._open.get((fill.strategy, fill.symbol), ()):
            is_later = decision > shadow.decision and shadow.is_whole and not shadow.is_over
            if is_later and opened * shadow.side > 0:
                shadow.leave(self._terms.prices.fill_at(fill.symbol, fill.at_us), "entered")

    def ended(self) -> list[Shadow]:
        """Close every shadow that was left, value the others, and list them in their order."""
        for shadow in self._shadows:
            shadow.settle(self._terms)
        return self._shadows

    def rules(self) -> Iterator[Rule]:
        """Add up what each rule took."""
        shadows = self.ended()
        for rule, (decisions, refused, repeats, unfilled) in self._taken.items():
            own = [one for one in shadows if one.rule == rule]
            yield Rule(
                rule=rule,
                decisions=decisions,
                refused_micros=refused,
                shadows=len(own),
                repeats=repeats,
                unfilled=unfilled,
                open=sum(one.ended == "open" for one in own),
                invested_micros=sum(one.invested_micros for one in own),
                profit_micros=sum(one.profit_micros for one in own),
                strategies=_by_strategy(own),
            )


def _by_strategy(shadows: Sequence[Shadow]) -> dict[str, int]:
    names: Iterable[str] = dict.fromkeys(one.strategy for one in shadows)
    return {name: sum(one.profit_micros for one in shadows if one.strategy == name) for name in names}


def _is_exit(intent: Intent, side: int) -> bool:
    """Say whether an intent wants out of a position of some side, whatever became of it."""
    if intent.flaw:
        return False
    if intent.action == "target":
        return intent.amount * side <= 0
    return intent.action == "close" or (1 if intent.action == "buy" else -1) != side
