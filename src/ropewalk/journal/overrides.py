"""
Overrides: what a counterfactual changes of a run, by the keys of its settings.

A key is a path with dots, as in a run file's `[settings]`: `conflict_policy`, `limits.gross_exposure`,
`commission.amount`; beside them `capital` and `strategies.NAME.weight`. `None` takes a key out, so that its default
holds. What is changed is checked as everything is that a person types.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from copy import deepcopy
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from ropewalk.config import OrchestratorConfig
from ropewalk.errors import ConfigError, clipped, did_you_mean
from ropewalk.journal.rule_places import in_order, own_rules, put_rule, rule_at
from ropewalk.money import currency

if TYPE_CHECKING:
    from ropewalk.recording.inputs import Inputs
    from ropewalk.recording.recording import Origin

NO_PART: dict[str, str] = {
    "logging_level": "where logs go is no part of a run",
    "log_directory": "where logs go is no part of a run",
    "watchdog_seconds": "how long a run may hang is no part of it",
}
LIVE_ONLY: dict[str, str] = {
    "close_at_end": "what strategies say at the end depends on it",
    "on_strategy_error": "whether strategies go on speaking depends on it",
    "seed": "what strategies draw depends on it",
    "strict": "which strategies fail depends on it",
    "instruments": "the amounts of intents are in lots",
}
"""Settings that change what strategies say: recorded intents would no longer be theirs."""

CAPITAL, STRATEGIES, WEIGHT = "capital", "strategies", "weight"
SETTINGS = tuple(name for name in OrchestratorConfig.model_fields if name not in NO_PART)
Path = tuple[str, ...]


class Setup(NamedTuple):
    """
    What a counterfactual is run with: settings, capital in currency, and weights by strategy.

    `origins` are those of rules that were made by name and stay as they were.
    """

    config: OrchestratorConfig
    capital: Any
    weights: dict[str, Any]
    origins: dict[str, Origin]


class Rules(Protocol):
    """Gives the rules of the run that are no settings: a policy, a cost model or a limit of one's own."""

    def take(self, place: str, name: str | None) -> tuple[Any, dict[str, Origin]]:
        """Give one, and how it was made where that was by name. Raises MissingInputError where it is not at hand."""
        ...


def read_override(text: str) -> tuple[str, Any]:
    """
    Read what a person typed as KEY=VALUE; the value is one of TOML's, or a text that needs no quotes.

    Raises ConfigError when it is not of that form.

    >>> read_override("conflict_policy=priority")
    ('conflict_policy', 'priority')
    >>> read_override("limits.gross_exposure = 0.8")
    ('limits.gross_exposure', Decimal('0.8'))
    >>> read_override("limits.leverage=none")
    ('limits.leverage', None)
    """
    key, sign, value = (part.strip() for part in text.partition("="))
    if not sign or not key or not value:
        raise ConfigError(f"{clipped(text)}: give KEY=VALUE, such as conflict_policy=priority")
    if value == "none":
        return key, None
    try:
        read = tomllib.loads(f"value = {value}", parse_float=Decimal)
    except tomllib.TOMLDecodeError:
        return key, value
    return key, read["value"] if len(read) == 1 else value


def checked(overrides: Any) -> dict[str, Any]:
    """Read overrides given as a mapping from keys to values. Raises ConfigError for anything else."""
    if not isinstance(overrides, Mapping) or not all(isinstance(key, str) for key in overrides):
        raise ConfigError(f"overrides is {clipped(overrides)}; give a mapping from keys to values")
    return dict(overrides)


def recorded_overrides(overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Say overrides in plain values; an object of one's own is only said to be one."""
    return {key: _plain(value) for key, value in overrides.items()}


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(kept) for key, kept in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(kept) for kept in value]
    return {"kind": "own", "name": str(getattr(value, "name", getattr(value, "__name__", type(value).__name__)))}


def setup_of(inputs: Inputs, overrides: Mapping[str, Any], *, is_live: bool, rules: Rules) -> Setup:
    """
    Change a recorded run's settings.

    `rules` are asked for what stays and is no setting. Raises ConfigError for keys that there are not, or that these
    intents do not allow to change, and for values that cannot be.
    """
    told = inputs.configuration
    recorded = in_order(told["settings"])
    settings = deepcopy(recorded)
    capital: Any = currency(inputs.capital_micros)
    weights = {one["id"]: one["weight"] for one in told["strategies"]}
    for key, value in overrides.items():
        path = path_of(key)
        if path[0] == CAPITAL and len(path) == 1:
            capital = value
        elif path[0] == STRATEGIES:
            weights[_strategy(key, path, weights)] = value
        else:
            _check(key, path, is_live=is_live)
            _put(settings, key, path, value)
    origins: dict[str, Origin] = {}
    for place, one in own_rules(recorded):
        if rule_at(settings, place, one) != rule_at(recorded, place, one):
            continue
        kept, origin = rules.take(place, one)
        put_rule(settings, place, one, kept)
        origins |= origin
    return Setup(OrchestratorConfig.model_validate(settings), capital, weights, origins)


def path_of(key: str) -> Path:
    """
    Cut a key into its parts; names with dots in them are quoted.

    >>> path_of('conflict_policies."BRK.B"')
    ('conflict_policies', 'BRK.B')
    """
    try:
        inner: Any = tomllib.loads(f"{key} = 0")
    except tomllib.TOMLDecodeError:
        raise ConfigError(
            f"{clipped(key)} is no key; write names with dots between them, such as limits.gross_exposure, and quote "
            "a name that has dots of its own"
        ) from None
    path: list[str] = []
    while isinstance(inner, dict):
        ((name, inner),) = inner.items()
        path.append(name)
    return tuple(path)


def _strategy(key: str, path: Path, weights: Mapping[str, Any]) -> str:
    if len(path) != 3 or path[2] != WEIGHT:
        raise ConfigError(f"{key}: of a strategy its weight can be changed: {STRATEGIES}.NAME.{WEIGHT}")
    if path[1] not in weights:
        raise ConfigError(f"{key}: there is no strategy {path[1]!r}; {did_you_mean(path[1], weights)}")
    return path[1]


def _check(key: str, path: Path, *, is_live: bool) -> None:
    name = path[0]
    if name in NO_PART:
        raise ConfigError(f"{key}: {NO_PART[name]}")
    if name not in SETTINGS:
        raise ConfigError(f"{key}: {name!r} is no key here; {did_you_mean(name, (*SETTINGS, CAPITAL, STRATEGIES))}")
    if name in LIVE_ONLY and not is_live:
        raise ConfigError(
            f"{key}: {LIVE_ONLY[name]}, so recorded intents cannot be settled with another; ask live (--live)"
        )


def _put(settings: dict[str, Any], key: str, path: Path, value: Any) -> None:
    *tables, name = path
    inner = settings
    for table in tables:
        inner = inner.setdefault(table, {})
        if not isinstance(inner, dict):
            shown = json.dumps(inner, default=str)
            raise ConfigError(f"{key}: {table} is {shown}, which has no keys; give {table} a table")
    if value is None:
        inner.pop(name, None)
    else:
        inner[name] = value
