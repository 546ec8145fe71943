"""Conflict policies as a person types them: a name, a kind with its parameters, or something of one's own."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, WrapValidator

from ropewalk.arbiter.policies import POLICIES, ConflictPolicy, OwnRule, ProRata, Veto, stated_parameters
from ropewalk.config.settings import Exact, Settings
from ropewalk.errors import clipped, did_you_mean, writable


class NamedPolicySettings(Settings):
    """A policy that needs no parameters."""

    kind: Literal[
        "independent", "net", "priority", "first_wins", "cancel_both", "weighted_average", "largest_conviction"
    ]

    def policy(self) -> ConflictPolicy:
        """Find the policy."""
        return POLICIES[self.kind]


class ProRataSettings(Settings):
    """The `share` of all strategies' capital that one symbol may take, above 0 and at most 1."""

    kind: Literal["pro_rata"]
    share: Annotated[Exact, Field(gt=0, le=1)]

    def policy(self) -> ConflictPolicy:
        """Make the policy."""
        return ProRata(Decimal(self.share))


class VetoSettings(Settings):
    """The `strategy` that may forbid."""

    kind: Literal["veto"]
    strategy: str

    def policy(self) -> ConflictPolicy:
        """Make the policy."""
        return Veto(self.strategy)


NAME_MAX = 200
WITH_PARAMETERS = {"pro_rata": "share, a part of capital such as 0.2", "veto": "strategy, the name of one"}


def _policy(value: Any, handler: Any) -> ConflictPolicy:
    if isinstance(value, str):
        if value in WITH_PARAMETERS:
            raise ValueError(f"{value!r} has a parameter; write a table: kind = {value!r}, {WITH_PARAMETERS[value]}")
        if value not in POLICIES:
            raise ValueError(f"there is no policy {value!r}; {did_you_mean(value, [*POLICIES, *WITH_PARAMETERS])}")
        return POLICIES[value]
    if isinstance(value, (dict, Settings)):
        made: ConflictPolicy = handler(value).policy()
        return made
    if not isinstance(value, type) and isinstance(value, ConflictPolicy):
        _check_name(value)
        return value
    if callable(value) and not isinstance(value, type):
        return OwnRule(value)
    raise ValueError(
        f"{clipped(value)} is no policy; name one ({', '.join(POLICIES)}), or give a table with the kind of one and "
        f"its parameter ({', '.join(WITH_PARAMETERS)}); in Python also a function of wishes, or an object with name "
        "and settle(wishes)"
    )


def _check_name(policy: ConflictPolicy) -> None:
    """Raise ValueError for a name that could not stand in every conflict on record as it is."""
    # Somebody's own object may have anything there.
    name: Any = policy.name
    if not isinstance(name, str) or not name or len(name) > NAME_MAX or writable(name) != name:
        raise ValueError(
            f"the policy's name is {clipped(name)}; give it a text of 1 to {NAME_MAX} characters that UTF-8 can write"
        )


PolicySettings = Annotated[
    Annotated[NamedPolicySettings | ProRataSettings | VetoSettings, Field(discriminator="kind")],
    WrapValidator(_policy),
]


def recorded_policy(policy: ConflictPolicy) -> Any:
    """Say a policy as it could have been typed; one's own is only named."""
    if POLICIES.get(policy.name) == policy:
        return policy.name
    if isinstance(policy, (ProRata, Veto)):
        return {"kind": policy.name, **stated_parameters(policy)}
    return {"kind": "own", "name": policy.name}
