"""Policy cases: one counterfactual for each conflict policy there is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ropewalk.arbiter.policies import KINDS, POLICIES
from ropewalk.errors import ConfigError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

ALL = "all"
SHARE = "0.2"
"""What `pro_rata` is tried with: a fifth of all capital in one symbol."""

Case = dict[str, Any]


def policy_cases(names: str, strategies: Sequence[str]) -> dict[str, Case]:
    """
    Make a case for each policy that is named, separated by commas; `all` are all that ship, each once.

    Those with parameters are tried with a stated one: `pro_rata` with a share of 0.2, `veto` with the strategy that
    is declared first. Raises ConfigError for a policy that there is not.
    """
    with_parameters: dict[str, Any] = {
        "pro_rata": {"kind": "pro_rata", "share": SHARE},
        "veto": {"kind": "veto", "strategy": strategies[0]},
    }
    known = [*KINDS, *(name for name in POLICIES if name not in KINDS)]
    cases = {}
    for name in KINDS if names == ALL else [one.strip() for one in names.split(",")]:
        if name not in known:
            raise ConfigError(f"there is no policy {name!r}; {did_you_mean(name, [*known, ALL])}")
        policy = with_parameters.get(name, name)
        cases[_title(policy)] = {"conflict_policy": policy}
    return cases


def _title(policy: Any) -> str:
    if isinstance(policy, str):
        return policy
    return " ".join([policy["kind"], *(f"{name}={value}" for name, value in policy.items() if name != "kind")])
