"""
The structured log of a run, for people and for jq: one line of JSON an event, through structlog.

It is an observer: it hears what happened after everyone else and changes nothing. Amounts are currency
as text, so that no reader rounds them (`jq '.asked | tonumber'`). `bar_time` is the instant in the data,
`logged_at` the clock on the wall; `number` and `cause` are those of the event in the run.
"""

from __future__ import annotations

import logging
import os
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ropewalk.errors import ConfigError
from ropewalk.events import (
    Adjustment,
    Conflict,
    Decision,
    Dividend,
    Fault,
    Intent,
    Payment,
    Rebalance,
    RunEnded,
    RunStarted,
    Split,
    Suspension,
)
from ropewalk.money import currency
from ropewalk.observers.observer import observer
from ropewalk.reasons import COUNTED, LIMITS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import TextIO

SIDES = {1: "buy", 0: None, -1: "sell"}
"""An intent that asks for nothing has no side."""


@contextmanager
def audit_logs(directory: str | None, *, level: str) -> Iterator[tuple[AuditLog, ...]]:
    """
    Open the log of one run in a directory, none when that is None, and close it when the run is over.

    No two runs share a file. Raises ConfigError, before anything ran, when it cannot be written.
    """
    if directory is None:
        yield ()
        return
    file = _new_file(Path(directory))
    try:
        yield (AuditLog(file, level=level),)
    finally:
        # A line that could not be written is on record as a fault already; it must not cost the result.
        with suppress(OSError):
            file.close()


@observer(
    *(RunStarted, Split, Dividend, Adjustment, Payment, Rebalance, Suspension, Intent, Conflict, Decision, Fault),
    RunEnded,
)
class AuditLog:
    """
    Writes a run to an open file, line by line.

    Signals and the run's own events are INFO, capital limits and conflicts WARNING, failures ERROR;
    what is below `level` is not written. It neither uses nor changes structlog's global configuration.
    """

    def __init__(self, file: TextIO, *, level: str) -> None:
        import structlog

        self._logger = structlog.wrap_logger(
            structlog.WriteLogger(file),
            processors=[
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True, key="logged_at"),
                _headed,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
            wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
            context_class=dict,
            cache_logger_on_first_use=True,
        ).bind()

    def __call__(self, event: Any, number: int, cause: int) -> None:
        """Write what the event says, if it is something for the log."""
        line = LINES[type(event)](event)
        if line is not None:
            at = event.timestamp.isoformat().replace("+00:00", "Z")
            self._logger.log(line.level, line.name, bar_time=at, number=number, cause=cause, **line.fields)


class Line(NamedTuple):
    """What the log says of one event."""

    level: int
    name: str
    fields: dict[str, Any]


def _started(started: RunStarted) -> Line:
    shares = zip(started.strategies, started.allocated_micros, strict=True)
    fields = {
        "capital": _money(started.capital_micros),
        "strategies": started.strategies,
        "allocated": {strategy: _money(micros) for strategy, micros in shares},
        "symbols": started.symbols,
        "data_digest": started.data_digest,
    }
    return Line(logging.INFO, "orchestrator.backtest_started", fields)


def _signal(intent: Intent) -> Line:
    amount = str(intent.amount) if intent.unit == "quantity" else _money(intent.amount)
    fields = {
        "strategy": intent.strategy,
        "symbol": intent.symbol,
        "action": intent.action,
        "unit": intent.unit,
        "amount": amount,
    }
    if intent.note:
        fields["note"] = intent.note
    return Line(logging.INFO, "orchestrator.strategy_signal", fields)


def _capital_limit(decision: Decision) -> Line | None:
    if decision.verdict == "granted" or decision.reason not in LIMITS:
        return None
    fields = {
        "strategy": decision.strategy,
        "symbol": decision.symbol,
        "verdict": decision.verdict,
        "side": SIDES[decision.side],
        "asked": _money(decision.asked_micros),
        "granted": _money(decision.granted_micros),
        "reason": decision.reason,
        **_limit(decision),
    }
    return Line(logging.WARNING, "orchestrator.capital_limit_hit", fields)


def _limit(decision: Decision) -> dict[str, Any]:
    if decision.reason in COUNTED:
        return {"limit_positions": decision.limit_positions, "used_positions": decision.used_positions}
    shown = {"limit": _money(decision.limit_micros), "used": _money(decision.used_micros)}
    return {**shown, "group": decision.group} if decision.group else shown


def _conflict(conflict: Conflict) -> Line:
    wishes = [
        {
            "intent": conflict.intents[seat],
            "strategy": strategy,
            "side": SIDES[conflict.sides[seat]],
            "asked": _money(conflict.asked_micros[seat]),
            "allowed": _money(conflict.allowed_micros[seat]),
            "asked_close": conflict.asked_close[seat],
            "allowed_close": conflict.allowed_close[seat],
        }
        for seat, strategy in enumerate(conflict.strategies)
    ]
    fields = {
        "strategies": list(dict.fromkeys(conflict.strategies)),
        "symbol": conflict.symbol,
        "kind": conflict.kind,
        "policy": conflict.policy,
        "version": conflict.version,
        "parameters": conflict.parameters,
        "wishes": wishes,
        "holders": [
            {"strategy": name, "held": lots} for name, lots in zip(conflict.holders, conflict.held, strict=True)
        ],
        "refused": _money(conflict.refused_micros),
    }
    if conflict.over_limit is not None:
        fields["over_limit"] = conflict.over_limit
    return Line(logging.WARNING, "orchestrator.conflict_detected", fields)


def _fault(fault: Fault) -> Line:
    who = "observer" if fault.action == "detach" else "strategy"
    fields = {
        who: fault.source,
        "callback": fault.callback,
        "symbol": fault.symbol,
        "error": fault.error,
        "action": fault.action,
    }
    return Line(logging.ERROR, f"orchestrator.{who}_failed", fields)


def _split(split: Split) -> Line:
    fields = {"symbol": split.symbol, "ratio": f"{split.numerator}:{split.denominator}"}
    return Line(logging.INFO, "orchestrator.split", fields)


def _dividend(dividend: Dividend) -> Line:
    fields = {"symbol": dividend.symbol, "per_share": _money(dividend.per_share_micros)}
    return Line(logging.INFO, "orchestrator.dividend", fields)


def _adjustment(adjustment: Adjustment) -> Line:
    fields = {
        "strategy": adjustment.strategy,
        "symbol": adjustment.symbol,
        "quantity_before": adjustment.quantity_before,
        "quantity_after": adjustment.quantity_after,
        "cash": _money(adjustment.cash_micros),
    }
    return Line(logging.INFO, "orchestrator.position_adjusted", fields)


def _payment(payment: Payment) -> Line:
    fields = {
        "strategy": payment.strategy,
        "symbol": payment.symbol,
        "quantity": payment.quantity,
        "amount": _money(payment.micros),
    }
    return Line(logging.INFO, "orchestrator.dividend_paid", fields)


def _rebalance(rebalance: Rebalance) -> Line:
    names = rebalance.strategies
    fields = {
        "rebalancer": rebalance.rebalancer,
        "equity": dict(zip(names, map(_money, rebalance.equity_micros), strict=True)),
        "target": dict(zip(names, map(_money, rebalance.target_micros), strict=True)),
    }
    return Line(logging.INFO, "orchestrator.rebalance", fields)


def _suspension(suspension: Suspension) -> Line:
    done = "suspended" if suspension.action == "suspend" else "resumed"
    fields = {"strategy": suspension.strategy, "by": suspension.by}
    return Line(logging.WARNING, f"orchestrator.strategy_{done}", fields)


def _ended(ended: RunEnded) -> Line:
    counts = ("instants", "intents", "decisions", "conflicts", "fills", "lapses")
    fields = {"status": ended.status, **{name: getattr(ended, name) for name in counts}}
    if ended.status == "failed":
        return Line(logging.ERROR, "orchestrator.backtest_failed", {**fields, "error": ended.reason})
    return Line(logging.INFO, "orchestrator.backtest_completed", fields)


LINES: Mapping[type, Callable[[Any], Line | None]] = {
    RunStarted: _started,
    Split: _split,
    Dividend: _dividend,
    Adjustment: _adjustment,
    Payment: _payment,
    Rebalance: _rebalance,
    Suspension: _suspension,
    Intent: _signal,
    Decision: _capital_limit,
    Conflict: _conflict,
    Fault: _fault,
    RunEnded: _ended,
}
"""What is written of each type of event; None is nothing."""


def _money(micros: int) -> str:
    return f"{currency(micros):f}"


def _headed(_logger: object, _method: str, line: Any) -> dict[str, Any]:
    """Put what a person looks for first in front."""
    return {"logged_at": line.pop("logged_at"), "level": line.pop("level"), "event": line.pop("event"), **line}


def _new_file(directory: Path) -> TextIO:
    stem = f"backtest-{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}-{os.getpid()}"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        # Runs of one process may begin within one microsecond.
        names = (f"{stem}{f'-{again}' if again else ''}.jsonl" for again in count())
        path = next(directory / name for name in names if not (directory / name).exists())
        # What a strategy names may be no text that UTF-8 has; escaped it is still JSON.
        return path.open("x", encoding="utf-8", errors="backslashreplace", buffering=1)
    except OSError as error:
        raise ConfigError(
            f"log_directory {str(directory)!r} cannot be written ({error.strerror}); "
            "name a folder in which files can be made"
        ) from error
