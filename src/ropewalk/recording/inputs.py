"""
What a run was made from, as a journal says it: configuration, data, plugins, capital and seed.

Nothing here names a place, a machine or a moment, so the same inputs say the same everywhere.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any, Literal

import msgspec

from ropewalk.errors import JournalError

FORMAT = "ropewalk-journal"
SEMANTICS = 2
"""Rises when the same inputs would give other events; a full replay of another number is refused."""

SCALES = {"money": 1_000_000, "time": 1_000_000}
"""Parts of a unit: money is in micros, times in microseconds."""

Counterfactually = Literal["", "frozen", "live"]
"""Whose intents a counterfactual settles: those on record, or what its strategies say now; empty for a plain run."""

Role = Literal["strategy", "policy", "commission", "slippage", "fill model", "rebalancer", "limit", "observer"]

_CANONICAL = msgspec.json.Encoder(order="deterministic")


class DataSet(msgspec.Struct, frozen=True, kw_only=True):
    """
    One data set: the digest of its columns, how many bars, of which symbols, and from when to when.

    There is no path: the same bars are the same data, wherever they lie.
    """

    digest: str
    rows: int
    symbols: tuple[str, ...]
    first: int
    last: int


class Plugin(msgspec.Struct, frozen=True, kw_only=True):
    """
    One thing that was plugged in: a strategy, a policy, a model of costs or fills, a rebalancer, a limit, an observer.

    `use` is the name it is found by, `source` the SHA-256 of its source, empty where there is none. `by_name` says
    that it was made by that name with `parameters` as settings, so that it can be made again; otherwise they are
    its plain attributes.
    """

    seat: int
    role: Role
    id: str
    use: str
    version: str = ""
    source: str = ""
    by_name: bool = False
    parameters: dict[str, Any] = {}


class Inputs(msgspec.Struct, frozen=True, kw_only=True):
    """
    All that a run follows from.

    `run_id` is a digest of it: equal inputs have one id, in whatever order the settings were written.
    A `counterfactual` says whose intents it settles, and names its `parent`, the digest of another journal, and its
    `overrides`.
    """

    configuration: dict[str, Any]
    capital_micros: int
    seed: int = 0
    data: tuple[DataSet, ...] = ()
    plugins: tuple[Plugin, ...] = ()
    scales: dict[str, int] = msgspec.field(default_factory=SCALES.copy)
    counterfactual: Counterfactually = ""
    parent: str = ""
    overrides: dict[str, Any] = {}

    @property
    def run_id(self) -> str:
        """The run's name: `r-` and 16 hex digits of the inputs' SHA-256."""
        return run_id(
            configuration=self.configuration,
            data=[one.digest for one in self.data],
            plugins=self.plugins,
            capital_micros=self.capital_micros,
            seed=self.seed,
            lineage=lineage_of(self),
        )


def lineage_of(inputs: Inputs | Heading) -> tuple[Any, ...]:
    """Say where a counterfactual comes from: its parent, its overrides, and whose intents it has."""
    whose = (inputs.counterfactual,) if inputs.counterfactual else ()
    return inputs.parent, inputs.overrides, *whose


class Heading(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The header line's own part; the rest of it is the event RunStarted."""

    format: str
    version: int
    versions: dict[str, int]
    semantics: int
    run: str
    seed: int
    scales: dict[str, int]
    config: dict[str, Any]
    config_digest: str
    counterfactual: Counterfactually = ""
    parent: str = ""
    overrides: dict[str, Any] = {}


def run_id(
    *,
    configuration: dict[str, Any],
    data: list[str],
    plugins: tuple[Plugin, ...],
    capital_micros: int,
    seed: int,
    lineage: tuple[Any, ...] = ("", {}),
    semantics: int = SEMANTICS,
) -> str:
    """Name a run by the SHA-256 of its inputs; `lineage` is where a counterfactual comes from."""
    everything = {
        "capital": capital_micros,
        "configuration": configuration,
        "data": data,
        "lineage": lineage,
        "plugins": plugins,
        "seed": seed,
        "semantics": semantics,
    }
    return f"r-{digest_of(everything)[:16]}"


def canonical(value: Any) -> bytes:
    """
    Write a value as JSON in its one form: sorted keys, no spaces.

    Raises JournalError for what JSON cannot say.

    >>> canonical({"b": 1, "a": (2,)})
    b'{"a":[2],"b":1}'
    """
    try:
        return _CANONICAL.encode(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise JournalError(f"{error}; a journal holds what JSON can say: texts, numbers, lists, mappings") from None


def plain(value: Any) -> Any:
    """Reduce a value to what JSON gives back."""
    return msgspec.json.decode(canonical(value))


def digest_of(value: Any) -> str:
    """Take the SHA-256 of a value's canonical JSON."""
    return sha256(canonical(value)).hexdigest()
