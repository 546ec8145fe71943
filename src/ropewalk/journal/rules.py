"""
Rules across lines: what must hold between a run's records, whoever wrote them.

Each intent has one decision, whose cause it is; each fill and lapse has one granting decision, and takes no
more than it granted; what crosses has two sides; causes come before effects; times never go back; money is conserved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ropewalk.errors import LedgerError
from ropewalk.events import (
    Adjustment,
    Conflict,
    Decision,
    Fill,
    Intent,
    Lapse,
    Payment,
    Reallocation,
    Rebalance,
    RunEnded,
    RunStarted,
    Split,
    Suspension,
    Transfer,
)
from ropewalk.journal.arbitration import conflict_fault, limit_fault, policy_fault
from ropewalk.journal.capital_moves import CapitalMoves
from ropewalk.journal.crosses import Crosses
from ropewalk.journal.part_fills import part_fault, rest_of
from ropewalk.journal.rule_places import policies_by_symbol
from ropewalk.market.actions import requoted
from ropewalk.money import scaled_towards_zero
from ropewalk.recording.books import Books
from ropewalk.recording.inputs import DataSet, Heading, Inputs, Plugin, digest_of
from ropewalk.recording.kinds import Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Rules:
    """
    What is known of a run up to a record, to hold the next one against.

    `see` gives what is wrong with a record, in words. `books` are those that follow from the records.
    """

    def __init__(self) -> None:
        self.books = Books()
        self._heading: Heading | None = None
        self._started: RunStarted | None = None
        self._data: list[DataSet] = []
        self._plugins: list[Plugin] = []
        posts = self.books.takes
        self._post_reserve, self._post_fill, self._post_lapse = posts[Decision], posts[Fill], posts[Lapse]
        self._is_begun = False
        self._is_crossing = True
        self._fills_in_parts = False
        self._last_us = 0
        self._row = self._rows = 0
        self._intents: dict[int, Intent] = {}
        self._policies: dict[str, Plugin] = {}
        self._allowed: dict[int, tuple[int, int]] = {}
        self._grants: dict[int, Decision] = {}
        self._crosses = Crosses()
        self._moves = CapitalMoves()
        self._totals = {"intents": 0, "decisions": 0, "conflicts": 0, "fills": 0, "lapses": 0, "steps": 0}
        self._sees: dict[type, Callable[[int, int, Any], str]] = {
            Step: self._step,
            Intent: self._intent,
            Conflict: self._conflict,
            Decision: self._decision,
            Fill: self._fill,
            Lapse: self._lapse,
            Transfer: self._transfer,
            Rebalance: self._moves.rebalance,
            Reallocation: self._moves.reallocation,
            Suspension: self._moves.suspension,
            Split: self._split,
            Adjustment: self._adjustment,
            Payment: self._payment,
            RunEnded: self._end,
        }

    def see(self, number: int, cause: int | None, event: Any) -> str:
        """Hold a step or an event against those before, and post it; says what is wrong, or nothing."""
        wrong = ""
        if not self._is_begun:
            self._is_begun = True
            wrong = "; ".join(self._inputs())
        at_us = event.at_us
        if at_us < self._last_us:
            wrong = f"its time {at_us} is before {self._last_us}; times never go back"
        self._last_us = at_us
        if cause is not None and cause >= number:
            wrong = f"its cause {cause} is not before it"
        if self._crosses.lots:
            wrong = wrong or self._crosses.interrupted(event)
        see = self._sees.get(event.__class__)
        if see is not None:
            try:
                found = see(number, cause or 0, event)
            except LedgerError as error:
                found = str(error)
            wrong = wrong or found
        return wrong

    def open(self, event: Any, about: Any) -> str:
        """Take the header and what follows it up to the first event."""
        if self._is_begun:
            is_late = isinstance(event, DataSet | Plugin)
            return "stands behind the first event; inputs come right after the header" if is_late else ""
        if isinstance(event, RunStarted):
            self._heading, self._started, self._last_us = about, event, event.at_us
            self.books.take(event)
        elif isinstance(event, DataSet):
            self._data.append(event)
            self._rows += event.rows
        elif isinstance(event, Plugin):
            self._plugins.append(event)
        return ""

    def unfinished(self) -> str:
        """Say which intents never got a decision."""
        if not self._intents:
            return ""
        return f"intents without a decision: {', '.join(map(str, list(self._intents)[:5]))}"

    def _inputs(self) -> Iterator[str]:
        heading, started = self._heading, self._started
        if heading is None or started is None:
            return
        settings = heading.config.get("settings")
        self._is_crossing = not isinstance(settings, dict) or settings.get("crossing", True) is True
        self._fills_in_parts = isinstance(settings, dict) and "fill_model" in settings
        self._policies = policies_by_symbol(settings, self._plugins)
        self._moves.begin(started, settings, self._plugins)
        if digest_of(heading.config) != heading.config_digest:
            yield "the header's digest is not that of its configuration"
        if self._data and [one.digest for one in self._data] != [started.data_digest]:
            yield f"the data have digest {self._data[0].digest[:16]}…, the header says {started.data_digest[:16]}…"
        inputs = Inputs(
            configuration=heading.config,
            capital_micros=started.capital_micros,
            seed=heading.seed,
            data=tuple(self._data),
            plugins=tuple(self._plugins),
            counterfactual=heading.counterfactual,
            parent=heading.parent,
            overrides=heading.overrides,
        )
        if inputs.run_id != heading.run:
            yield f"the inputs make run {inputs.run_id}, the header says {heading.run}"

    def _step(self, number: int, _: int, step: Step) -> str:
        self._totals["steps"] += 1
        first, end = step.rows
        before, self._row = self._row, end
        if not before <= first <= end or (self._data and end > self._rows):
            return f"its rows {first} to {end} are not between {before} and {self._rows if self._data else end}"
        return ""

    def _intent(self, number: int, cause: int, intent: Intent) -> str:
        self._totals["intents"] += 1
        self._intents[number] = intent
        return self._moves.intent(cause, intent)

    def _conflict(self, number: int, _: int, conflict: Conflict) -> str:
        self._totals["conflicts"] += 1
        strangers = [str(intent) for intent in conflict.intents if intent not in self._intents]
        if strangers:
            return f"{', '.join(strangers)} are no intents that wait for a decision"
        fault = conflict_fault(conflict, [self._intents[intent] for intent in conflict.intents])
        if fault:
            return fault
        self._allowed.update(
            zip(conflict.intents, zip(conflict.asked_micros, conflict.allowed_micros, strict=True), strict=True)
        )
        due = self._due(conflict.symbol)
        if due is not None and (conflict.policy, conflict.version) != (due.id, due.version):
            settler, rule = f"{conflict.policy} {conflict.version}".rstrip(), f"{due.id} {due.version}".rstrip()
            return f"policy {settler} settled it; that of {conflict.symbol} is {rule}"
        return ""

    def _due(self, symbol: str) -> Plugin | None:
        """Find the policy of a symbol; None where the journal names none."""
        return self._policies.get(symbol) or self._policies.get("")

    def _decision(self, number: int, cause: int, decision: Decision) -> str:
        self._totals["decisions"] += 1
        if decision.verdict != "refused":
            self._grants[number] = decision
        self._post_reserve(decision)
        intent = self._intents.pop(cause, None)
        if intent is None:
            return f"its cause {cause} is no intent that waits for a decision"
        if intent.strategy != decision.strategy or intent.symbol != decision.symbol:
            return f"it is for {decision.strategy} {decision.symbol}, its intent for {intent.strategy} {intent.symbol}"
        if not 0 <= decision.granted_micros <= decision.asked_micros:
            return f"it grants {decision.granted_micros} of {decision.asked_micros} micros"
        if decision.verdict == "refused" and (decision.granted_micros or decision.reserved_micros):
            return f"it is refused, but grants {decision.granted_micros} and reserves {decision.reserved_micros} micros"
        fault = policy_fault(decision, self._allowed.pop(cause, None)) or limit_fault(decision)
        return fault or self._moves.decision(decision)

    def _granted(self, cause: int, ended: Fill | Lapse) -> tuple[Decision | None, str]:
        goes_on = isinstance(ended, Fill) and ended.remaining_quantity != 0
        grant = self._grants.get(cause) if goes_on else self._grants.pop(cause, None)
        if grant is None:
            return None, f"its cause {cause} is no decision that granted something and still rests"
        if grant.strategy != ended.strategy or grant.symbol != ended.symbol:
            return None, f"it is for {ended.strategy} {ended.symbol}, the grant for {grant.strategy} {grant.symbol}"
        due = 0 if goes_on else grant.reserved_micros
        if ended.released_micros != due:
            return None, f"it gives back {ended.released_micros} micros of {due} reserved"
        return grant, ""

    def _fill(self, number: int, cause: int, fill: Fill) -> str:
        self._totals["fills"] += 1
        in_parts, held = self._fills_in_parts, self.books.lots(fill.strategy, fill.symbol)
        grant, wrong = (None, "") if in_parts else self._granted(cause, fill)
        try:
            self.books.check(fill)
        finally:
            self._post_fill(fill)
        due = self._due(fill.symbol)
        policy = None if due is None else due.id
        netted = self._crosses.take(fill, policy, is_on=self._is_crossing, in_parts=in_parts)
        if in_parts:
            return self._part(cause, fill, netted, held)
        if grant is None:
            return wrong
        opened, cost, follows = self._crosses.spent(cause, fill, grant)
        if netted or follows:
            return netted or follows
        if opened and cost > grant.reserved_micros:
            return (
                f"it opens {opened} lots at {fill.price_micros}, more than the {grant.reserved_micros} micros granted"
            )
        if grant.open_quantity and opened > abs(grant.open_quantity):
            return f"it opens {opened} lots of {abs(grant.open_quantity)} granted"
        if fill.quantity * grant.side <= 0:
            return f"it trades {fill.quantity} lots, the grant is for side {grant.side}"
        return ""

    def _part(self, cause: int, fill: Fill, netted: str, held: int) -> str:
        grant = self._grants.pop(cause, None)
        if grant is None:
            return f"its cause {cause} is no decision that granted something and still rests"
        rest = rest_of(fill, grant, held)
        if rest is not None:
            self._grants[cause] = rest
        return netted or part_fault(fill, grant, held)

    def _lapse(self, number: int, cause: int, lapse: Lapse) -> str:
        self._totals["lapses"] += 1
        self._post_lapse(lapse)
        return self._granted(cause, lapse)[1]

    def _transfer(self, number: int, cause: int, transfer: Transfer) -> str:
        self.books.take(transfer)
        if transfer.micros < 0:
            return f"it moves {transfer.micros} micros"
        return self._moves.transfer(cause, transfer)

    def _split(self, number: int, _: int, split: Split) -> str:
        for order, grant in self._grants.items():
            if grant.symbol == split.symbol:
                self._grants[order] = requoted(grant, split)
        return ""

    def _adjustment(self, number: int, _: int, adjustment: Adjustment) -> str:
        self.books.take(adjustment)
        before, up, down = adjustment.quantity_before, adjustment.numerator, adjustment.denominator
        after = scaled_towards_zero(before, up, down)
        if adjustment.quantity_after != after:
            return f"{before} lots become {after} at {up} for {down}, not {adjustment.quantity_after}"
        return ""

    def _payment(self, number: int, _: int, payment: Payment) -> str:
        self.books.take(payment)
        return f"{payment.quantity} lots get {payment.micros} micros" if payment.quantity * payment.micros < 0 else ""

    def _end(self, number: int, _: int, ended: RunEnded) -> str:
        for name, counted in self._totals.items():
            if name != "steps" and getattr(ended, name) != counted:
                return f"it counts {getattr(ended, name)} {name}, the journal has {counted}"
        if ended.instants < self._totals["steps"]:
            return (
                f"it counts {ended.instants} as its instants, the journal has {self._totals['steps']} with consequences"
            )
        if wrong := self._moves.unmoved():
            return wrong
        # What was said after the last cutoff of a run that was stopped gets its answer when it goes on.
        return self.unfinished() if ended.status == "complete" else ""
