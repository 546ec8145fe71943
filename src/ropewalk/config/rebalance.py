"""Rebalancers and suspensions as a person types them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WrapValidator, model_validator

from ropewalk.arbiter.rebalancers import (
    LOOKBACK_MAX,
    Calendar,
    DrawdownScaled,
    EqualRiskContribution,
    InverseVolatility,
    Rebalancer,
    Threshold,
    every_of,
    lookback_of,
)
from ropewalk.arbiter.suspension import SuspensionRule
from ropewalk.config.limits import Drawdown, Part, Share
from ropewalk.config.settings import Settings
from ropewalk.errors import PluginError, clipped, did_you_mean
from ropewalk.events import Period
from ropewalk.money import exact_fraction
from ropewalk.notation import EPOCH

MICROSECOND = timedelta(microseconds=1)
DAY = timedelta(days=1)

Above = Annotated[Share, Field(gt=0)]
Lookback = Annotated[int, Field(ge=2, le=LOOKBACK_MAX)]


class FixedSharesSettings(Settings):
    """No rebalancing: every strategy keeps what it was given and what it made of it."""

    kind: Literal["fixed"]

    def rebalancer(self) -> Rebalancer | None:
        """There is none."""
        return None


class CalendarSettings(Settings):
    """Back to the weights once a period."""

    kind: Literal["calendar"]
    every: Period = "month"

    def rebalancer(self) -> Rebalancer:
        """Make the rebalancer."""
        return Calendar(self.every)


class ThresholdSettings(Settings):
    """
    Back to the weights once a strategy is too far from its own.

    `absolute` is in the measure of weights, 0.1 for ten points, and is what holds where neither is given; `relative`
    is a part of the weight. It is looked at `every` instant, or once a period.
    """

    kind: Literal["threshold"]
    absolute: Above | None = None
    relative: Above | None = None
    every: Period = "instant"

    def rebalancer(self) -> Rebalancer:
        """Make the rebalancer."""
        absolute = Decimal("0.1") if self.absolute is None and self.relative is None else self.absolute
        return Threshold(
            None if absolute is None else exact_fraction(absolute),
            None if self.relative is None else exact_fraction(self.relative),
            self.every,
        )


class RiskSettings(Settings):
    """Shares from the last `lookback` returns, from instant to instant."""

    kind: Literal["inverse_volatility", "equal_risk_contribution"]
    every: Period = "month"
    lookback: Lookback = 63

    def rebalancer(self) -> Rebalancer:
        """Make the rebalancer."""
        made = InverseVolatility if self.kind == "inverse_volatility" else EqualRiskContribution
        return made(self.every, self.lookback)


class DrawdownScaledSettings(Settings):
    """From the whole weight without a drawdown down to its share `floor` at a drawdown of `drawdown`."""

    kind: Literal["drawdown_scaled"]
    every: Period = "month"
    drawdown: Drawdown = Decimal("0.2")
    floor: Part = Decimal("0.25")

    def rebalancer(self) -> Rebalancer:
        """Make the rebalancer."""
        return DrawdownScaled(self.every, exact_fraction(self.drawdown), exact_fraction(self.floor))


KINDS = ("fixed", "calendar", "threshold", "inverse_volatility", "equal_risk_contribution", "drawdown_scaled")


def _rebalance(value: Any, handler: Any) -> Any:
    if isinstance(value, str):
        if value not in KINDS:
            raise ValueError(f"there is no rebalancer {value!r}; {did_you_mean(value, KINDS)}")
        return handler({"kind": value})
    if isinstance(value, (dict, Settings)):
        return handler(value)
    if not isinstance(value, type) and isinstance(value, Rebalancer):
        try:
            every_of(value), lookback_of(value)
        except PluginError as error:
            raise ValueError(str(error)) from None
        return value
    raise ValueError(
        f"{clipped(value)} is no rebalancer; name one ({', '.join(KINDS)}), or give a table with the kind of one and "
        "its parameters; in Python also an object with name, every and targets(members)"
    )


RebalanceSettings = Annotated[
    Annotated[
        FixedSharesSettings | CalendarSettings | ThresholdSettings | RiskSettings | DrawdownScaledSettings,
        Field(discriminator="kind"),
    ],
    WrapValidator(_rebalance),
]


def _moment(value: Any) -> str:
    """Read a moment, and write it in its one form: a date, or a time in UTC."""
    read = value
    if isinstance(value, str):
        try:
            read = date.fromisoformat(value) if len(value) <= len("2020-01-01") else datetime.fromisoformat(value)
        except ValueError:
            read = None
    if isinstance(read, datetime):
        return (read if read.utcoffset() is not None else read.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    if isinstance(read, date):
        return read.isoformat()
    raise ValueError(f"{clipped(value)} is no date; give a date, a datetime or a text such as '2020-01-31'")


Moment = Annotated[str, BeforeValidator(_moment)]


def _us(moment: str | None, *, is_end: bool) -> int | None:
    if moment is None:
        return None
    read = datetime.fromisoformat(moment)
    if len(moment) <= len("2020-01-01"):
        whole_days = DAY - MICROSECOND if is_end else timedelta()
        return (read.replace(tzinfo=UTC) + whole_days - EPOCH) // MICROSECOND
    return (read - EPOCH) // MICROSECOND


class SuspendSettings(Settings):
    """
    When a strategy is suspended: by schedule, or by rule.

    By schedule from `start` to `end`, both included; without a start from the first instant, without an end to the
    last. By rule once its equity is `drawdown` below its highest, for so many `days`, or to the end. Its highest
    begins anew then.
    """

    strategy: str
    start: Moment | None = None
    end: Moment | None = None
    drawdown: Drawdown | None = None
    days: Annotated[int, Field(ge=1, le=36_525)] | None = None

    @model_validator(mode="after")
    def _is_one_thing(self) -> SuspendSettings:
        if self.drawdown is not None:
            if self.start is not None or self.end is not None:
                raise ValueError("has a drawdown and a schedule; write a table for each")
            return self
        if self.days is not None:
            raise ValueError("has days without a drawdown; a schedule ends with end")
        if self.start is None and self.end is None:
            raise ValueError("says not when; give start or end, or a drawdown")
        start_us, end_us = _us(self.start, is_end=False), _us(self.end, is_end=True)
        if start_us is not None and end_us is not None and start_us > end_us:
            raise ValueError(f"starts at {self.start}, after its end, {self.end}; give a start before the end")
        return self

    def rule(self) -> SuspensionRule:
        """Make the plain one."""
        return SuspensionRule(
            self.strategy,
            _us(self.start, is_end=False),
            _us(self.end, is_end=True),
            None if self.drawdown is None else exact_fraction(self.drawdown),
            self.days,
        )
