"""Evidence: how much the figures of the account are worth, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ropewalk.reports.page.figures import count, percent, ratio

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ropewalk.collectors.result import OrchestratorResult


def evidence(result: OrchestratorResult) -> Iterator[str]:
    """Say how far luck alone could have moved Sharpe ratio and deepest fall, and whether there is skill to be seen."""
    one, found = result.evidence(), result.confidence()
    low, high = found.sharpe_low, found.sharpe_high
    if low is None or high is None:
        yield f"How much the Sharpe ratio is worth has no value: {found.missing['sharpe_low']}."
        return
    share = percent(found.level, digits=0)
    told = f"Resampled {count(found.resamples)} times, {share} of the Sharpe ratios lie between {ratio(low)} and "
    told += ratio(high)
    if found.max_drawdown_low is not None and found.max_drawdown_high is not None:
        deep, shallow = percent(found.max_drawdown_low), percent(found.max_drawdown_high)
        told += f", of the deepest falls between {deep} and {shallow}"
    yield f"{told}."
    if one.probabilistic_sharpe is not None:
        yield f"The probability that the true Sharpe ratio is above zero is {percent(one.probabilistic_sharpe)}."
    if one.deflated_sharpe is not None and one.luck_sharpe is not None:
        yield (
            f"The best of {count(one.trials)} strategies without skill would show {ratio(one.luck_sharpe)}; the "
            f"probability that the true ratio is above that is {percent(one.deflated_sharpe)}. Whoever tried more than "
            "these has a ratio that is worth less."
        )
