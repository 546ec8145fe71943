"""The checks: what is looked at in a plugin, in this order; what builds on a check that failed is skipped."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from ropewalk.errors import ConfigError, RopewalkError, did_you_mean
from ropewalk.journal.determinism import check_determinism
from ropewalk.journal.lookahead import check_lookahead
from ropewalk.testing.report import Check, Report
from ropewalk.testing.setting import TABLES, Setting, setting_of
from ropewalk.testing.trial import Trial, tried

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

CUTS = 3
RUNS = 2


def check_plugin(
    kind: str,
    plugin: str | type,
    *,
    settings: Mapping[str, Any] | None = None,
    plugins: Sequence[str | Path] = (),
    data: Mapping[str, Any] | None = None,
) -> Report:
    """
    Check a plugin by its kind and its name, or its class.

    `settings` are its own, `plugins` are plugin folders. `data` is a run file's table of data, absolute paths in it;
    without it a random walk is used, or what `data` says is changed in it. Nothing that the plugin does is kept.
    """
    if kind not in TABLES:
        listed = ", ".join(TABLES)
        raise ConfigError(f"{kind!r} cannot be checked: {did_you_mean(kind, TABLES)}; there are: {listed}")
    name = plugin if isinstance(plugin, str) else plugin.__name__
    with TemporaryDirectory(prefix="ropewalk-") as folder:
        setting = setting_of(kind, plugin, Path(folder), settings=settings or {}, plugins=plugins, data=data)
        return Report(kind, name, tuple(_checks(kind, setting)))


def check_strategy(strategy: str | type, **given: Any) -> Report:
    """Check a strategy: protocol, global state, determinism, look-ahead, speed. See `check_plugin`."""
    return check_plugin("strategy", strategy, **given)


def check_policy(policy: str | type, **given: Any) -> Report:
    """Check a conflict policy: protocol, answers within what was asked, global state, determinism, speed."""
    return check_plugin("policy", policy, **given)


def check_limit(limit: str | type, **given: Any) -> Report:
    """Check a limit: answers that are a Room of whole micros or None; and as any plugin."""
    return check_plugin("limit", limit, **given)


def check_commission(model: str | type, **given: Any) -> Report:
    """Check a commission model: amounts that are whole, not negative and do not fall; and as any plugin."""
    return check_plugin("commission", model, **given)


def check_slippage(model: str | type, **given: Any) -> Report:
    """Check a slippage model: amounts that are whole and not negative; and as any plugin."""
    return check_plugin("slippage", model, **given)


def check_fill_model(model: str | type, **given: Any) -> Report:
    """Check a fill model: lots that were ordered, at prices of the bar; and as any plugin."""
    return check_plugin("fill model", model, **given)


def check_rebalancer(rebalancer: str | type, **given: Any) -> Report:
    """Check a rebalancer: exact shares for all, of which there are enough; global state, determinism, speed."""
    return check_plugin("rebalancer", rebalancer, **given)


def check_observer(observer: str | type, **given: Any) -> Report:
    """Check an observer: it does not raise, and the journal is byte for byte the one without it."""
    return check_plugin("observer", observer, **given)


def check_feed(feed: str | type, **given: Any) -> Report:
    """Check a feed: bars that can be believed, the same each time."""
    return check_plugin("feed", feed, **given)


def check_metric(metric: str | type, **given: Any) -> Report:
    """Check a metric: a number or None, the same each time."""
    return check_plugin("metric", metric, **given)


def check_report_section(section: str | type, **given: Any) -> Report:
    """Check a section of reports: a Section, the same each time."""
    return check_plugin("report section", section, **given)


def _checks(kind: str, setting: Setting) -> list[Check]:
    trial = tried(kind, setting.with_it, setting.without_it)
    protocol = _protocol(kind, trial)
    if not protocol.is_passed:
        return [protocol, *(_skipped(name) for name in ("global state", "determinism", "speed"))]
    told = "\n".join(f"it changes {one}" for one in trial.changes) or "unchanged"
    checks = [protocol, Check("global state", not trial.changes, told)]
    further: list[tuple[str, Callable[[Path], Check]]] = []
    if kind != "observer":
        # Whether an observer says the same is nobody's business; that the journal does was held against it above.
        further.append(("determinism", _determinism))
    if kind == "strategy":
        further.append(("look-ahead", lambda path: _lookahead(path, trial)))
    for name, look in further:
        checks.append(look(setting.with_it) if checks[-1].is_passed else _skipped(name))
    return [*checks, _speed(kind, trial)]


def _skipped(name: str) -> Check:
    return Check(name, False, "not looked at, since what is before it failed", is_skipped=True)


def _protocol(kind: str, trial: Trial) -> Check:
    wrong = trial.error or "\n".join(trial.flaws)
    if wrong:
        return Check("protocol", False, wrong)
    seen = {"strategy": f", {trial.intents} intents", "policy": f", {trial.conflicts} conflicts"}.get(kind, "")
    return Check("protocol", True, f"{trial.bars} bars{seen}")


def _determinism(path: Path) -> Check:
    try:
        found = check_determinism(path, runs=RUNS)
    except RopewalkError as error:
        return Check("determinism", False, str(error))
    told = f"{RUNS} runs are equal, with other hash seeds, clocks, zones and folders"
    return Check("determinism", found.is_equal, told if found.is_equal else str(found))


def _lookahead(path: Path, trial: Trial) -> Check:
    if not trial.intents:
        told = "it wanted nothing on these data, so there is nothing to see; give data= on which it does"
        return Check("look-ahead", False, told, is_skipped=True)
    try:
        found = check_lookahead(path, instants=CUTS)
    except RopewalkError as error:
        return Check("look-ahead", False, str(error))
    told = f"{found.trials} other futures, always the same intents"
    return Check("look-ahead", not found.peeks, str(found) if found.peeks else told)


def _speed(kind: str, trial: Trial) -> Check:
    each, without = (1e6 * seconds / max(trial.bars, 1) for seconds in (trial.seconds, trial.seconds_without))
    beside = "the same run with a silent strategy" if kind == "strategy" else "the same run without it"
    return Check("speed", True, f"{each:.1f} µs a bar; {beside}: {without:.1f} µs")
