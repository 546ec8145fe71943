"""Settings typed in Python are understood exactly, or everything that is wrong with them is said at once."""

from __future__ import annotations

import pickle
from decimal import Decimal
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field, ValidationError

from ropewalk import ConfigError, FixedCommission, OrchestratorConfig, PerShareSlippage
from ropewalk.config import Exact, Settings


def findings(**typed: Any) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        OrchestratorConfig(**typed)
    return list(caught.value.findings)


def test_a_wrong_setting_is_a_config_error_that_tells_all() -> None:
    """What was found, where, what is allowed and the closest spelling, for every fault, and nothing of pydantic's."""
    with pytest.raises(ConfigError) as caught:
        OrchestratorConfig(
            fill_at="next_opn",
            commission={"kind": "fixed", "amount": -1},
            close_at_end="yes",
            instruments={"GLD": {"lots": 2}, "B C": {"lot": 0.5}},
            comission=3,
        )
    assert str(caught.value) == (
        "OrchestratorConfig cannot be made: 6 findings\n"
        "  C46 fill_at: 'next_opn' — expected 'next_open' or 'close'; did you mean 'next_open'?\n"
        "  C46 commission.amount: -1 is negative; 0 or more\n"
        "  C46 close_at_end: 'yes' — expected True or False; without quotes\n"
        "  C45 instruments.GLD.lots: is no key here; did you mean 'lot'?\n"
        "  C46 instruments.'B C'.lot: 0.5 is a float; write a Decimal, an int or a text such as '0.25'\n"
        "  C45 comission: is no key here; did you mean 'commission'?"
    )
    assert isinstance(caught.value, ValueError)
    assert caught.value.found == 6
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"comission": 1}, "C45 comission: is no key here; did you mean 'commission'?"),
        ({"seed": "3"}, "C46 seed: '3' — expected a whole number; without quotes"),
        ({"seed": True}, "C46 seed: True — expected a whole number"),
        ({"seed": -1}, "C48 seed: -1 — expected a number ≥ 0"),
        ({"validate_weights": 1}, "C46 validate_weights: 1 — expected True or False"),
        ({"log_directory": 3}, "C46 log_directory: 3 — expected text"),
        ({"fill_at": 3}, "C46 fill_at: 3 — expected 'next_open' or 'close'"),
        ({"instruments": [1]}, "C46 instruments: [1] — expected a dict"),
        ({"instruments": {"A": 3}}, "C46 instruments.A: 3 — expected a dict"),
        ({"instruments": {None: {}}}, "C46 instruments: None — expected text"),
        ({"instruments": {"A": {"lot": 0}}}, "C48 instruments.A.lot: 0 — expected a number > 0"),
        (
            {"conflict_policy": "indepedent"},
            "C46 conflict_policy: there is no policy 'indepedent'; did you mean 'independent'?",
        ),
        (
            {"commission": 4.95},
            "C46 commission: 4.95 — expected a dict with its kind, or an object that has commission_micros",
        ),
        (
            {"commission": PerShareSlippage(3)},
            "C46 commission: PerShareSlippage(amount_micros=3)"
            " — expected a dict with its kind, or an object that has commission_micros",
        ),
        (
            {"commission": FixedCommission},
            "C46 commission: <class 'ropewalk.ledger.costs.FixedCommission'>"
            " — expected a dict with its kind, or an object that has commission_micros",
        ),
        (
            {"slippage": "fixed"},
            "C46 slippage: 'fixed' — expected a dict with its kind, or an object that has slippage_micros",
        ),
        ({"commission": {"kind": "fixed"}}, "C45 commission.amount: is missing"),
        (
            {"commission": {"kind": "per_share", "amount": 1, "minimun": 1}},
            "C45 commission.minimun: is no key here; did you mean 'minimum'?",
        ),
    ],
)
def test_each_fault_has_its_words(typed: dict[str, Any], said: str) -> None:
    assert findings(**typed) == [said]


def test_a_commission_of_an_unknown_kind_is_judged_as_the_nearest() -> None:
    assert findings(commission={"kind": "fixd", "rate": 1, 3: 4}) == [
        "C45 commission.kind: 'fixd' is not known — expected one of 'none', 'fixed', 'per_share', 'basis_points'; "
        "did you mean 'fixed'?",
        "C45 commission.amount: is missing",
        "C45 commission.rate: is no key here; known: kind, amount",
        "C46 commission[3]: 3 — expected keys that are text",
    ]


def test_the_error_survives_pickling() -> None:
    """A run in another process can report it."""
    with pytest.raises(ConfigError) as caught:
        OrchestratorConfig(sed=3)
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.findings) == (str(caught.value), caught.value.findings)


def test_settings_made_of_a_dict_are_judged_alike() -> None:
    """`model_validate` says the same as calling, also of what is no dict at all."""
    with pytest.raises(ConfigError, match="C45 sed: is no key here; did you mean 'seed'"):
        OrchestratorConfig.model_validate({"sed": 3})
    with pytest.raises(ConfigError, match="C46 all of it: 3 — expected a dict"):
        OrchestratorConfig.model_validate(3)
    config = OrchestratorConfig.model_validate({"seed": 3})
    assert config == OrchestratorConfig(seed=3)
    assert OrchestratorConfig.model_validate(config) is config


def test_a_changed_copy_is_checked() -> None:
    """A copy holds what was set, nothing else counts as set, and no change gets in unseen."""
    config = OrchestratorConfig(commission={"kind": "fixed", "amount": "1.5"}, instruments={"GLD": {"lot": 2}})
    changed = config.model_copy(update={"seed": 3})
    assert changed == OrchestratorConfig(commission=config.commission, instruments={"GLD": {"lot": 2}}, seed=3)
    assert changed.model_fields_set == {"commission", "instruments", "seed"}
    assert config.seed == 0
    assert config.model_copy() == config
    with pytest.raises(ConfigError, match="C45 sed: is no key here; did you mean 'seed'"):
        config.model_copy(update={"sed": 3})
    with pytest.raises(ConfigError, match="C46 fill_at: 'open'"):
        config.model_copy(update={"fill_at": "open"})


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        OrchestratorConfig().seed = 3  # type: ignore[misc]


# ── settings of a plugin's own ────────────────────────────────────────────────────────────────────────────────────────


class Band(Settings):
    kind: str = "any text"
    width: Exact = Decimal(1)


class Fast(Settings):
    speed: Literal["fast"]


class Slow(Settings):
    speed: Literal["slow"]


class Plugin(Settings):
    bands: list[Band] = Field(default_factory=list)
    pace: Annotated[Fast | Slow, Field(discriminator="speed")]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"bands": [{}, {"widht": 1}]}, ["C45 bands[1].widht: is no key here; did you mean 'width'?"]),
        ({"bands": [{"kind": 3, "width": "wide"}]}, ["C46 bands[0].kind: 3", "C46 bands[0].width: 'wide' is not a"]),
        ({"bands": Band()}, ["C46 bands: Band(kind='any text', width=Decimal('1')) — expected a list"]),
        ({"pace": {"speed": "fst"}}, ["C46 pace: {'speed': 'fst'} — expected Input tag 'fst'"]),
        ({"pace": Band()}, ["C46 pace: Band("]),
        ({"pace": None, "pase": 1}, ["C46 pace: None", "C45 pase: is no key here; did you mean 'pace'?"]),
    ],
)
def test_whoever_derives_from_settings_gets_the_same_words(typed: dict[str, Any], said: list[str]) -> None:
    """Also with lists, with a `kind` that names no alternative, and with alternatives told apart otherwise."""
    with pytest.raises(ConfigError) as caught:
        Plugin(**{"pace": {"speed": "slow"}, **typed})
    found = caught.value.findings
    assert len(found) == len(said), found
    assert all(finding.startswith(start) for finding, start in zip(found, said, strict=True)), found


def test_a_needed_setting_that_is_missing_is_named() -> None:
    with pytest.raises(ConfigError, match=r"^Plugin cannot be made: 1 finding\n  C45 pace: is missing$"):
        Plugin()  # type: ignore[call-arg]
