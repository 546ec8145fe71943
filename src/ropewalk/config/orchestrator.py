"""How a run is run: the settings of an orchestrator."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

from pydantic import Field

from ropewalk.arbiter.policies import POLICIES, ConflictPolicy, Net, Veto
from ropewalk.arbiter.rebalancers import Rebalancer
from ropewalk.arbiter.suspension import SuspensionRule
from ropewalk.config.costs import CommissionSettings, NoCostSettings, SlippageSettings, own_object
from ropewalk.config.fill_models import FillModelSettings, WholeSettings
from ropewalk.config.findings import joined
from ropewalk.config.limits import LimitSettings
from ropewalk.config.policies import PolicySettings, recorded_policy
from ropewalk.config.rebalance import FixedSharesSettings, RebalanceSettings, SuspendSettings
from ropewalk.config.settings import Exact, Seconds, Settings
from ropewalk.ledger.costs import Commission, Slippage
from ropewalk.ledger.fill_models import FillModel
from ropewalk.market.instrument import Instrument

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


OWN_LIMITS = "limits.own"
"""Where limits of one's own stand among the settings."""

OF_SYMBOLS = "conflict_policies"
"""Where the policies of symbols stand that have another than the rest."""


class InstrumentSettings(Settings):
    """What one `lot` of a symbol is, in shares or coins."""

    lot: Annotated[Exact, Field(gt=0)] = Decimal(1)


UNLESS_DEFAULT = ("crossing", "fill_model", "rebalance", "strict")
"""Settings that came after the first journals: a run that leaves them alone is the run that it was before."""

NOT_RECORDED = frozenset(
    {"logging_level", "log_directory", "conflict_policy", "conflict_policies", "commission", "slippage", "limits"}
) | {*UNLESS_DEFAULT, "suspend", "watchdog_seconds"}


class OrchestratorConfig(Settings):
    """
    How a run is run. Every field has a default; each is named in the errors it causes.

    `commission`, `slippage` and `conflict_policy` take settings or an object of one's own;
    `conflict_policies` are those of symbols that have another policy than the rest. With
    `validate_weights=False` weights may sum to more than 1: the excess is borrowed from the pool,
    free of interest. `quantity_headroom_bps` is set aside beyond what a number of lots costs at
    the last close, so that a gap or fees do not cost a lot. `log_directory` asks for the structured
    log at `logging_level`. `benchmark` names the symbol that beta and alpha are measured against. `limits`
    bound what strategies may hold beside their allocations. `crossing=False` lets every order under the policy `net`
    trade alone, with costs in full. `fill_model` says how much of an order a bar fills, `rebalance` how capital moves
    between strategies, each as settings or an object of one's own; `suspend` which of them are on paper, and when.
    `strict` watches every call of a plugin, which is slow, and makes a Fault of what no plugin should do.
    `watchdog_seconds` is how long the run may stay where it is; None and 0 are for ever.
    """

    logging_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_directory: str | None = None
    validate_weights: bool = True
    fill_at: Literal["next_open", "close"] = "next_open"
    conflict_policy: PolicySettings = Field(default=cast("Any", POLICIES["independent"]))
    conflict_policies: dict[str, PolicySettings] = Field(default_factory=dict)
    capital_base: Literal["compounding", "fixed"] = "compounding"
    commission: Annotated[CommissionSettings, own_object(Commission)] = NoCostSettings(kind="none")
    slippage: Annotated[SlippageSettings, own_object(Slippage)] = NoCostSettings(kind="none")
    close_at_end: bool = False
    on_strategy_error: Literal["stop", "suspend", "flatten"] = "stop"
    quantity_headroom_bps: Annotated[int, Field(ge=0, le=10_000)] = 500
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    instruments: dict[str, InstrumentSettings] = Field(default_factory=dict)
    benchmark: str | None = None
    limits: LimitSettings = Field(default_factory=LimitSettings)
    crossing: bool = True
    fill_model: FillModelSettings = WholeSettings(kind="whole")
    rebalance: RebalanceSettings = FixedSharesSettings(kind="fixed")
    suspend: list[SuspendSettings] = Field(default_factory=list)
    strict: bool = False
    watchdog_seconds: Seconds | None = None

    def recorded(self) -> dict[str, Any]:
        """
        Say in plain values what a run follows from; where logs go does not belong to it.

        `model_validate` makes an equal config of it, unless a policy or a cost model is one's own.
        """
        told = self.model_dump(mode="json", include=set(type(self).model_fields) - NOT_RECORDED)
        for name in ("commission", "slippage"):
            told[name] = _recorded(getattr(self, name))
        default, others = self.policies()
        told["conflict_policy"] = recorded_policy(default)
        told["conflict_policies"] = {symbol: recorded_policy(policy) for symbol, policy in others.items()}
        # A run without limits is the run that it was before there were any; so is one that may cross, or is unwatched.
        if not self.crossing:
            told["crossing"] = False
        if not isinstance(self.fill_model, WholeSettings):
            told["fill_model"] = _recorded(self.fill_model)
        rebalance = self.rebalance
        if not isinstance(rebalance, FixedSharesSettings):
            is_typed = isinstance(rebalance, Settings)
            told["rebalance"] = rebalance.model_dump(mode="json") if is_typed else {"kind": "own"}
        if self.suspend:
            told["suspend"] = [one.model_dump(mode="json", exclude_none=True) for one in self.suspend]
        if self.strict:
            told["strict"] = True
        return {**told, "limits": self.limits.recorded()} if self.limits != LimitSettings() else told

    def policies(self) -> tuple[ConflictPolicy, dict[str, ConflictPolicy]]:
        """Give the policy, and those of single symbols."""
        return cast("Any", self.conflict_policy), dict(cast("Any", self.conflict_policies))

    def netted_symbols(self, symbols: Iterable[str]) -> tuple[str, ...]:
        """Say which of some symbols have orders that cross between books."""
        default, others = self.policies()
        return tuple(one for one in symbols if self.crossing and isinstance(others.get(one, default), Net))

    def named_strategies(self) -> list[tuple[str, str]]:
        """List the strategies that there must be, each behind the place that names it."""
        default, others = self.policies()
        places = {"conflict_policy": default, **{joined("conflict_policies", one): others[one] for one in others}}
        vetoes = [(f"{place}.strategy", one.strategy) for place, one in places.items() if isinstance(one, Veto)]
        suspended = [(f"suspend[{place}].strategy", one.strategy) for place, one in enumerate(self.suspend)]
        return [*vetoes, *suspended, *(("limits.strategies", name) for name in self.limits.strategies)]

    def named_symbols(self) -> list[tuple[str, tuple[str, ...]]]:
        """List the symbols that the data must have, behind the places that name them."""
        return [
            ("conflict_policies", tuple(self.conflict_policies)),
            ("instruments", tuple(self.instruments)),
            ("benchmark", () if self.benchmark is None else (self.benchmark,)),
            *self.limits.named_symbols(),
        ]

    def own_rules(self) -> dict[str, Any]:
        """Name the rules that are objects of one's own, and so may keep state."""
        names = ("conflict_policy", "commission", "slippage", "fill_model", "rebalance")
        told = {name: getattr(self, name) for name in names}
        ours = list(POLICIES.values())
        own = {name: one for name, one in told.items() if not isinstance(one, Settings) and one not in ours}
        _, others = self.policies()
        policies = {symbol: one for symbol, one in others.items() if one not in ours}
        tables = {OF_SYMBOLS: policies, OWN_LIMITS: dict(self.limits.own)}
        return {**own, **{place: table for place, table in tables.items() if table}}

    def with_rules(self, rules: Mapping[str, Any]) -> OrchestratorConfig:
        """Put others in the place of some of `own_rules`."""
        told = dict(rules)
        if OF_SYMBOLS in told:
            told[OF_SYMBOLS] = {**self.conflict_policies, **told[OF_SYMBOLS]}
        own = told.pop(OWN_LIMITS, None)
        if own is not None:
            told["limits"] = self.limits.model_copy(update={"own": own})
        return self.model_copy(update=told)

    def rebalancer(self) -> Rebalancer | None:
        """Make the rebalancer that was asked for; None where capital stays where it is."""
        asked = cast("Any", self.rebalance)
        if not isinstance(asked, Settings):
            return cast("Rebalancer", asked)
        made: Rebalancer | None = cast("Any", asked).rebalancer()
        return made

    def suspension_rules(self) -> tuple[SuspensionRule, ...]:
        """Make the rules by which strategies are suspended."""
        return tuple([one.rule() for one in self.suspend])

    def commission_model(self) -> Commission:
        """Make the commission model that was asked for."""
        asked = cast("Any", self.commission)
        return asked if isinstance(asked, Commission) else asked.commission()

    def slippage_model(self) -> Slippage:
        """Make the slippage model that was asked for."""
        asked = cast("Any", self.slippage)
        return asked if isinstance(asked, Slippage) else asked.slippage()

    def filling(self) -> FillModel | None:
        """Make the fill model that was asked for; None where orders fill whole."""
        asked = cast("Any", self.fill_model)
        made: FillModel | None = asked if isinstance(asked, FillModel) else asked.model()
        return made

    def instrument_map(self) -> dict[str, Instrument]:
        """Make the instruments that were declared."""
        return {symbol: Instrument(symbol, declared.lot) for symbol, declared in self.instruments.items()}


def _recorded(asked: Any) -> Any:
    return asked.model_dump(mode="json") if isinstance(asked, Settings) else {"kind": "own"}


def with_defaults(recorded: Mapping[str, Any]) -> dict[str, Any]:
    """Add to recorded settings those that are on record only where they are not at their default."""
    return {**OrchestratorConfig().model_dump(mode="json", include={*UNLESS_DEFAULT}), **recorded}
