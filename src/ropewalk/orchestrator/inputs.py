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
        plugins=(*_strategies(strategies, origins), *rules_of(config)),
    )


def _strategies(strategies: Mapping[str, Any], origins: Mapping[str, Origin]) -> Iterator[Plugin]:
    for place, (name, strategy) in enumerate(strategies.items()):
        kind = type(strategy)
        origin = origins.get(name)
        yield Plugin(
            seat=place,
            role="strategy",
            id=name,
            use=_name_of(kind) if origin is None else origin.use,
            source=source_digest(kind),
            by_name=origin is not None,
            parameters=parameters_of(strategy) if origin is None else dict(origin.settings),
        )


def rules_of(config: OrchestratorConfig) -> Iterator[Plugin]:
    """Say what was plugged in beside the strategies: policies, and cost models of one's own."""
    policy, policies = config.policies()
    yield _policy(0, policy)
    costs: tuple[tuple[Role, Any], ...] = (("commission", config.commission), ("slippage", config.slippage))
    for place, (role, model) in enumerate(costs, start=1):
        if not isinstance(model, Settings):
            kind = type(model)
            yield Plugin(
                seat=place,
                role=role,
                id=kind.__name__,
                use=_name_of(kind),
                source=source_digest(kind),
                parameters=parameters_of(model),
            )
    for place, (symbol, one) in enumerate(sorted(policies.items()), start=len(costs) + 1):
        yield _policy(place, one, symbol=symbol)


def _policy(place: int, policy: ConflictPolicy, **where: str) -> Plugin:
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
