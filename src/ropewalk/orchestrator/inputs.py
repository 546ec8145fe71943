"""What a journal's first lines say: everything that a run follows from, in a form that has no place and no moment."""

from __future__ import annotations

import inspect
import sys
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ropewalk.arbiter.policies import OwnRule, stated_parameters, version_of
from ropewalk.config import Settings
from ropewalk.money import exact_fraction, exact_text
from ropewalk.orchestrator.parameters import parameters_of
from ropewalk.recording.inputs import DataSet, Inputs, Plugin, Role
from ropewalk.recording.recording import SYMBOLS_FROM, rule_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ropewalk.arbiter.policies import ConflictPolicy
    from ropewalk.config import OrchestratorConfig
    from ropewalk.feeds.feed import Feed
    from ropewalk.orchestrator.seats import Seat
    from ropewalk.recording.recording import Origin


def inputs_of(
    config: OrchestratorConfig,
    seats: Mapping[str, Seat],
    strategies: Mapping[str, Any],
    *,
    capital_micros: int,
    feed: Feed,
    origins: Mapping[str, Origin],
) -> Inputs:
    """
    Say what a run follows from.

    A strategy that was made by name is recorded with its settings, another with its attributes.
    """
    told = [
        {
            "id": name,
            "weight": exact_text(exact_fraction(seat.weight)),
            "symbols": None if seat.symbols is None else list(seat.symbols),
        }
        for name, seat in seats.items()
    ]
    data = DataSet(digest=feed.digest, rows=feed.rows, symbols=feed.symbols, first=feed.first_us, last=feed.last_us)
    return Inputs(
        configuration={"settings": config.recorded(), "strategies": told},
        capital_micros=capital_micros,
        seed=config.seed,
        data=(data,),
        plugins=(*_strategies(strategies, origins), *rules_of(config, origins)),
    )


def _strategies(strategies: Mapping[str, Any], origins: Mapping[str, Origin]) -> Iterator[Plugin]:
    for place, (name, strategy) in enumerate(strategies.items()):
        origin = origins.get(name)
        yield Plugin(
            seat=place,
            role="strategy",
            id=name,
            **_identity(strategy, origin),
        )


def rules_of(config: OrchestratorConfig, origins: Mapping[str, Origin]) -> Iterator[Plugin]:
    """Say what was plugged in beside the strategies: policies, and models, a rebalancer and limits of one's own."""
    policy, policies = config.policies()
    yield _policy(0, policy, origins.get(rule_of("policy")))
    models: tuple[tuple[int, Role, Any], ...] = (
        (1, "commission", config.commission),
        (2, "slippage", config.slippage),
        (0, "fill model", config.fill_model),
    )
    for place, role, model in models:
        if not isinstance(model, Settings):
            identity = _identity(model, origins.get(rule_of(role)))
            yield Plugin(seat=place, role=role, id=type(model).__name__, **identity)
    rebalancer: Any = config.rebalance
    if not isinstance(rebalancer, Settings):
        identity = _identity(rebalancer, origins.get(rule_of("rebalancer")))
        yield Plugin(seat=0, role="rebalancer", id=str(rebalancer.name), **identity)
    for place, (symbol, one) in enumerate(sorted(policies.items()), start=SYMBOLS_FROM):
        yield _policy(place, one, origins.get(rule_of("policy", symbol)), symbol=symbol)
    for place, (name, limit) in enumerate(config.limits.own.items()):
        yield Plugin(seat=place, role="limit", id=name, **_identity(limit, origins.get(rule_of("limit", name))))


def _identity(one: Any, origin: Origin | None) -> dict[str, Any]:
    """Say what something is and how it was set: by the name that it was made by, or else by its attributes."""
    kind = type(one)
    if origin is None:
        return {"use": _name_of(kind), "source": source_digest(kind), "parameters": parameters_of(one)}
    return {
        "use": origin.use,
        "version": origin.version,
        "source": origin.source or source_digest(kind),
        "by_name": True,
        "parameters": dict(origin.settings),
    }


def _policy(place: int, policy: ConflictPolicy, origin: Origin | None, **where: str) -> Plugin:
    if origin is not None:
        # Its symbol is told by its seat: what it was made with stands by itself.
        return Plugin(seat=place, role="policy", id=policy.name, **_identity(policy, origin))
    written: Any = policy.settle if isinstance(policy, OwnRule) else type(policy)
    if not hasattr(written, "__qualname__"):
        written = type(written)
    return Plugin(
        seat=place,
        role="policy",
        id=policy.name,
        use=_name_of(written),
        version=version_of(policy),
        source=source_digest(written),
        parameters={**parameters_of(policy), **stated_parameters(policy), **where},
    )


def source_digest(kind: Any) -> str:
    """SHA-256 of the file that a class or a function was written in; empty where there is none, as in a notebook."""
    module = sys.modules.get(kind.__module__)
    try:
        path = inspect.getsourcefile(module) if module is not None else None
        return "" if path is None else sha256(Path(path).read_bytes()).hexdigest()
    except (OSError, TypeError):
        return ""


def _name_of(kind: Any) -> str:
    return f"{kind.__module__}:{kind.__qualname__}"
