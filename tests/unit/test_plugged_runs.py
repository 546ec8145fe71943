"""Run files name plugins of every kind, and journals say which plugins a run was made of."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ropewalk import ConfigError, FeedError, PluginError
from ropewalk.cli.replay import remaking_of
from ropewalk.errors import MissingInputError, RunFileError
from ropewalk.journal import Recording, counterfactual, regret, replay, verify
from ropewalk.observers.observer import hearing_of
from ropewalk.run_file import load_run

CODE = {
    "strategies/breakout.py": """
from ropewalk import Settings

class BreakoutSettings(Settings):
    days: int = 20
    edge: float = 0.0

class Breakout:
    def __init__(self, settings: BreakoutSettings):
        self.settings = settings
    def should_enter(self, bars):
        days, edge = self.settings.days, 1 + self.settings.edge
        return len(bars) > days and bars[-1].close >= edge * max(bar.high for bar in bars[-days - 1 : -1])
    def should_exit(self, position, bars):
        return bars[-1].close < min(bar.low for bar in bars[-self.settings.days - 1 : -1])
""",
    "policies/nobody.py": """
from ropewalk import Outcome

class Nobody:
    name = "nobody"
    def __init__(self, spare: bool = False):
        self.spare = spare
    def settle(self, wishes):
        return [Outcome(wish.asked_micros if self.spare else 0, wish.close_lots) for wish in wishes]
""",
    "commissions/tiered.py": """
from decimal import Decimal

class Tiered:
    def __init__(self, each: Decimal, steps: list[int]):
        self.each_micros = int(each * 1_000_000)
        self.steps = steps
    def commission_micros(self, quantity, price_micros):
        return self.each_micros * (1 + sum(quantity >= step for step in self.steps))
""",
    "slippages/wide.py": """
class Wide:
    def slippage_micros(self, quantity, reference_micros):
        return reference_micros // 100
""",
    "limits/slice.py": """
from decimal import Decimal
from ropewalk import Room

class Slice:
    def __init__(self, share: Decimal):
        self.share = share
    def room(self, ask):
        return Room(int(ask.strategy_use.capital_micros * self.share), ask.strategy_use.symbol_micros)
""",
    "fill_models/halves.py": """
class Halves:
    rest = "lapses"
    def __init__(self, least: int = 1):
        self.least = least
    def fill(self, order, bar):
        return max(order.lots // 2, min(order.lots, self.least)), order.reference_micros
""",
    "feeds/walk.py": """
from ropewalk import synthetic_feed

class Walk:
    def __init__(self, bars: int = 200, name: str = ""):
        self.bars_wanted, self.name = bars, name
    def bars(self, folder):
        if self.name:
            return folder / self.name
        return synthetic_feed(3, self.bars_wanted)
""",
    "observers/ears.py": """
from ropewalk import Fill, observer

@observer(Fill)
class Ears:
    def __init__(self, file: str, worth: int = 0, fails: bool = False):
        self.file, self.fails = file, fails
    def __call__(self, event, number, cause):
        if self.fails:
            raise ValueError("deaf")
        with open(self.file, "a", encoding="utf-8") as out:
            out.write(f"{number} {cause} {event.strategy}\\n")
""",
    "metrics/best_day.py": """
def best_day(owner):
    return max(owner.returns, default=None)
""",
    "metrics/scaled.py": """
class Scaled:
    def __init__(self, factor: float = 1.0):
        self.factor = factor
    def __call__(self, owner):
        return self.factor * len(owner.fills)
""",
}

RUN = """
[plugins]
paths = ["own"]

[data]
source = "walk"
settings = { bars = 240 }

[settings]
conflict_policy = "nobody"

[settings.commission]
use = "tiered"
settings = { each = 0.1, steps = [10, 100] }

[settings.slippage]
use = "wide"

[strategies.break]
use = "breakout"
weight = 0.4
settings = { days = 10 }

[strategies.trend]
use = "momentum"
weight = 0.4
settings = { short_window = 5, long_window = 20 }

[[observers]]
use = "ears"
settings = { file = "FILE" }

[[metrics]]
use = "best-day"

[[metrics]]
use = "scaled"
name = "fills_doubled"
settings = { factor = 2 }
"""


TAP = "tap,folder=taps,events=['Fill', 'Lapse'],format=parquet"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, code in CODE.items():
        path = tmp_path / "own" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code, encoding="utf-8")
    write(tmp_path)
    return tmp_path


def write(folder: Path, *changes: tuple[str, str]) -> Path:
    text = RUN.replace("FILE", str(folder / "heard.txt"))
    for was, becomes in changes:
        assert was in text
        text = text.replace(was, becomes)
    (folder / "run.toml").write_text(text, encoding="utf-8")
    return folder / "run.toml"


def findings(path: Path) -> str:
    with pytest.raises(RunFileError) as caught:
        load_run(path)
    return "\n".join(caught.value.findings)


def plugins_of(content: bytes) -> dict[tuple[str, str], dict]:
    lines = [json.loads(line) for line in content.splitlines()]
    return {(line["role"], line["id"]): line for line in lines if line["k"] == "plugin"}


# ── every kind, end to end ────────────────────────────────────────────────────────────────────────


def test_a_run_of_plugins(folder: Path) -> None:
    """A strategy, a policy, costs, a feed, an observer and metrics of one's own, all from a folder beside the file."""
    result = load_run(folder / "run.toml").run()
    assert result.ended.instants == 240
    assert len(result.started.symbols) == 3
    own = result.strategy_results["break"]
    assert own.fills
    assert result.conflicts
    assert {one.policy for one in result.conflicts} == {"nobody"}
    assert all(sum(one.allowed_micros) == 0 for one in result.conflicts)
    for fill in result.fills:
        steps = sum(abs(fill.quantity) >= step for step in (10, 100))
        assert fill.commission_micros == 100_000 * (1 + steps)
        assert fill.slippage_micros > 0
    heard = (folder / "heard.txt").read_text().splitlines()
    assert [line.split()[2] for line in heard] == [fill.strategy for fill in result.fills]
    assert result.measures["fills_doubled"]["break"] == 2 * len(own.fills)
    assert result.measures["fills_doubled"]["aggregate"] == 2 * len(result.fills)
    assert result.measures["best-day"]["trend"] > 0
    assert result.to_dict()["measures"] == result.measures
    assert result.comparison_table["fills_doubled"].to_list()[-1] == 2 * len(result.fills)


def test_a_journal_says_which_plugins_a_run_was_made_of(folder: Path) -> None:
    """Each with the name it is found by, its settings and the digest of its source; observers are no input."""
    planned = load_run(folder / "run.toml")
    journal = planned.orchestrator.run(planned.feed(), journal=planned.recording(mode="memory")).journal
    told = plugins_of(journal.content)
    assert list(told) == [
        ("strategy", "break"),
        ("strategy", "trend"),
        ("policy", "nobody"),
        ("commission", "Tiered"),
        ("slippage", "Wide"),
    ]
    own, tiered = told["strategy", "break"], told["commission", "Tiered"]
    assert (own["use"], own["by_name"], own["parameters"], own["version"]) == ("breakout", True, {"days": 10}, "")
    assert tiered["parameters"] == {"each": "0.1", "steps": [10, 100]}
    assert len({one["source"] for one in told.values()}) == len(told)
    assert all(len(one["source"]) == 64 for one in told.values())
    assert str(folder).encode() not in journal.content


@pytest.mark.parametrize("by_file", [False, True], ids=["by name", "by run file"])
def test_a_run_of_plugins_is_replayed(folder: Path, by_file: bool) -> None:
    """
    Plugin folders are given again; policy and costs are made again by their names, and nothing has to be given.

    The run file makes them as well, and says how: nothing is called changed.
    """
    planned = load_run(folder / "run.toml")
    recorded = planned.orchestrator.run(planned.feed(), journal=Recording(folder / "runs", origins=planned.origins))
    given = remaking_of(folder / "run.toml") if by_file else {"folder": folder, "plugins": ["own"]}
    for level in ("decisions", "full"):
        again = replay(recorded.journal.path, level=level, **given)
        assert again.difference is None
        assert not again.notes


@pytest.mark.parametrize("live", [False, True], ids=["frozen", "live"])
def test_a_run_of_plugins_is_asked_what_if(folder: Path, live: bool) -> None:
    """Rules that are not overridden are made again by their names and recorded so; one that is need not be there."""
    planned = load_run(folder / "run.toml")
    recorded = planned.orchestrator.run(planned.feed(), journal=Recording(folder / "runs", origins=planned.origins))
    given = {"folder": folder, "plugins": ["own"], "live": live}
    same = counterfactual(recorded.journal.path, **given)
    assert same.is_identical
    # Each line's own digest also covers those before it.
    now, was = plugins_of(same.journal.content), plugins_of(recorded.journal.path.read_bytes())
    assert [{**one, "x": ""} for one in now.values()] == [{**one, "x": ""} for one in was.values()]
    (folder / "own" / "policies" / "nobody.py").unlink()
    with pytest.raises(MissingInputError, match="its policy 'nobody' cannot be made again"):
        counterfactual(recorded.journal.path, **given)
    found = counterfactual(recorded.journal.path, {"conflict_policy": "independent"}, **given)
    assert found.figures.refused < same.figures.refused
    told = plugins_of(found.journal.content)
    assert not told["policy", "independent"]["by_name"]
    assert told["commission", "Tiered"]["by_name"]


def test_what_plugins_refused_is_regretted(folder: Path) -> None:
    """Shadows pay the costs of plugins; the policy itself need not be there."""
    planned = load_run(folder / "run.toml")
    recorded = planned.orchestrator.run(planned.feed(), journal=Recording(folder / "runs", origins=planned.origins))
    (folder / "own" / "policies" / "nobody.py").unlink()
    found = regret(recorded.journal.path, folder=folder, plugins=["own"])
    assert found.rules[0].rule.startswith("policy nobody")
    assert found.rules == regret(recorded.journal.path, config=planned.orchestrator.config).rules
    with pytest.raises(MissingInputError, match="its commission 'tiered' cannot be made again"):
        regret(recorded.journal.path)


def test_a_replay_names_the_plugin_that_changed(folder: Path) -> None:
    """By its source, whether it is a strategy or a rule."""
    planned = load_run(folder / "run.toml")
    recorded = planned.orchestrator.run(planned.feed(), journal=Recording(folder / "runs", origins=planned.origins))
    for name in ("strategies/breakout.py", "slippages/wide.py"):
        path = folder / "own" / name
        path.write_text(path.read_text() + "\n# touched\n", encoding="utf-8")
    again = replay(recorded.journal.path, level="full", folder=folder, plugins=["own"])
    assert [note.partition(":")[0] for note in again.notes] == ["strategy break", "slippage Wide"]
    assert all("source was" in note for note in again.notes)


def test_a_changed_plugin_is_another_run(folder: Path) -> None:
    """Its source is an input, so the run has another id."""
    before = load_run(folder / "run.toml")
    old = before.orchestrator.inputs(before.feed(), origins=before.origins).run_id
    path = folder / "own" / "policies" / "nobody.py"
    path.write_text(path.read_text() + "\n# touched\n", encoding="utf-8")
    after = load_run(folder / "run.toml")
    assert after.orchestrator.inputs(after.feed(), origins=after.origins).run_id != old


def test_a_journal_whose_plugins_are_gone_says_so(folder: Path) -> None:
    """Nothing is guessed."""
    planned = load_run(folder / "run.toml")
    recorded = planned.orchestrator.run(planned.feed(), journal=planned.recording(mode="memory"))
    with pytest.raises(Exception, match="its strategy 'breakout' cannot be made again: there is no strategy"):
        replay(recorded.journal.content, level="full", data=planned.feed())


def test_plugin_folders_may_be_given_beside_those_of_the_file(folder: Path) -> None:
    """As --plugins gives them."""
    path = write(folder, ('paths = ["own"]', ""))
    assert "there is no strategy 'breakout'" in findings(path)
    assert load_run(path, plugins=[folder / "own"]).orchestrator.seats["break"].strategy.settings.days == 10


def test_symbols_may_have_policies_of_ones_own(folder: Path) -> None:
    """Each is found, recorded and made again for itself."""
    spares = '[settings.conflict_policies.SYN002]\nuse = "nobody"\nsettings = { spare = true }\n\n[settings.commission]'
    planned = load_run(write(folder, ("[settings.commission]", spares), ('conflict_policy = "nobody"', "")))
    recorded = planned.orchestrator.run(planned.feed(), journal=Recording(folder / "runs", origins=planned.origins))
    assert {one.symbol: one.policy for one in recorded.conflicts if one.symbol == "SYN002"} == {"SYN002": "nobody"}
    assert {one.policy for one in recorded.conflicts} == {"nobody", "independent"}
    told = plugins_of(recorded.journal.path.read_bytes())["policy", "nobody"]
    assert (told["seat"], told["use"], told["parameters"]) == (3, "nobody", {"spare": True})
    again = replay(recorded.journal.path, level="full", folder=folder, plugins=["own"])
    assert again.difference is None
    assert not again.notes
    assert not verify(recorded.journal.path).findings


def test_a_fill_model_of_ones_own_is_found_recorded_and_made_again(folder: Path) -> None:
    """As a cost model is."""
    named = '[settings.fill_model]\nuse = "halves"\nsettings = { least = 2 }\n\n[settings.commission]'
    path = write(folder, ("[settings.commission]", named))
    planned = load_run(path)
    recorded = planned.orchestrator.run(planned.feed(), journal=Recording(folder / "runs", origins=planned.origins))
    assert any(fill.remaining_quantity for fill in recorded.fills)
    told = plugins_of(recorded.journal.path.read_bytes())["fill model", "Halves"]
    assert (told["use"], told["by_name"], told["parameters"]) == ("halves", True, {"least": 2})
    given = {"folder": folder, "plugins": ["own"]}
    again = replay(recorded.journal.path, level="full", **given)
    assert (again.difference, again.notes) == (None, ())
    assert counterfactual(recorded.journal.path, **given).is_identical
    found = counterfactual(recorded.journal.path, {"fill_model": None}, **given)
    assert not any(fill.remaining_quantity for fill in found.result.fills)
    assert "though the run's orders fill by a model" in regret(recorded.journal.path, **given).assumptions[-1]
    path.write_text(path.read_text().replace("{ least = 2 }", "{ leat = 2 }"), encoding="utf-8")
    assert "C64 settings.fill_model.settings.leat: Halves has no such setting" in findings(path)
    (folder / "own" / "fill_models" / "halves.py").unlink()
    with pytest.raises(MissingInputError, match="its fill model 'halves' cannot be made again"):
        replay(recorded.journal.path, level="full", **given)


LIMITED = (
    "[settings.commission]",
    """[limits.own.wide]
use = "slice"
settings = { share = 0.2 }

[limits.own.narrow]
use = "slice"
settings = { share = 0.1 }

[settings.commission]""",
)


def test_limits_of_ones_own_are_found_recorded_and_made_again(folder: Path) -> None:
    """In the order of the file; asked what if, one may be taken away and the other is made again."""
    planned = load_run(write(folder, LIMITED, ('conflict_policy = "nobody"', "")))
    assert list(planned.orchestrator.config.limits.own) == ["wide", "narrow"]
    recorded = planned.orchestrator.run(planned.feed(), journal=Recording(folder / "runs", origins=planned.origins))
    assert {one.group for one in recorded.decisions if one.reason == "own_limit"} == {"narrow"}
    told = plugins_of(recorded.journal.path.read_bytes())
    assert (told["limit", "narrow"]["use"], told["limit", "narrow"]["parameters"]) == ("slice", {"share": "0.1"})
    assert [told["limit", name]["seat"] for name in ("wide", "narrow")] == [0, 1]
    for level in ("decisions", "full"):
        again = replay(recorded.journal.path, level=level, folder=folder, plugins=["own"])
        assert (again.difference, again.notes) == (None, ())
    given = {"folder": folder, "plugins": ["own"]}
    assert counterfactual(recorded.journal.path, **given).is_identical
    found = counterfactual(recorded.journal.path, {"limits.own.narrow": None}, **given)
    assert {one.group for one in found.result.decisions if one.reason == "own_limit"} == {"wide"}
    assert plugins_of(found.journal.content)["limit", "wide"]["by_name"]
    (folder / "own" / "limits" / "slice.py").unlink()
    with pytest.raises(MissingInputError, match="its limit 'slice' cannot be made again"):
        replay(recorded.journal.path, level="full", **given)
    assert [one.rule for one in regret(recorded.journal.path, **given).rules if "own" in one.rule] == [
        "own_limit narrow"
    ]


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("{ share = 0.1 }", "{ shar = 0.1 }", "C64 limits.own.narrow.settings.shar: Slice has no such setting"),
        ("{ share = 0.1 }", "{}", "C64 limits.own.narrow.settings.share: is needed by Slice"),
        ("{ share = 0.1 }", "{ share = [] }", "C46 limits.own.narrow.settings.share: [] — expected"),
        ('narrow]\nuse = "slice"', 'narrow]\nuse = "slic"', "C61 limits.own.narrow.use: there is no limit 'slic'"),
        ('narrow]\nuse = "slice"', 'narrow]\nuse = "wide"', "C61 limits.own.narrow.use: there is no limit 'wide'"),
        ('narrow]\nuse = "slice"', 'narrow]\nues = "slice"', "C45 limits.own.narrow.ues: is no key here"),
        (
            "[limits.own.narrow]",
            "[limits.own]\nnarrow = 3\n[limits.own.other]",
            "C46 limits.own.narrow: 3 — expected a",
        ),
    ],
)
def test_what_is_wrong_with_a_limit_of_ones_own_is_a_finding(folder: Path, was: str, becomes: str, said: str) -> None:
    """With the path of the key, as for every plugin."""
    assert said in findings(write(folder, LIMITED, (was, becomes)))


def test_a_policy_that_ships_is_no_plugin(folder: Path) -> None:
    """Its own notation is offered."""
    found = findings(write(folder, ('conflict_policy = "nobody"', 'conflict_policy = { use = "priority" }')))
    assert "C61 settings.conflict_policy.use: 'priority' ships with ropewalk; write kind = 'priority'" in found


# ── observers ─────────────────────────────────────────────────────────────────────────────────────


def test_observers_are_made_anew_for_each_run(folder: Path) -> None:
    """Those of a file are no state of it; loading makes none."""
    planned = load_run(folder / "run.toml")
    assert not (folder / "heard.txt").exists()
    assert planned.observers()[0].observer is not planned.observers()[0].observer


def test_an_observer_of_a_file_that_raises_is_detached(folder: Path) -> None:
    """The Fault names it as the file does (80)."""
    result = load_run(write(folder, ("settings = { file", "settings = { fails = true, file"))).run()
    (fault,) = result.faults
    assert (fault.source, fault.callback, fault.error, fault.action) == ("ears", "Fill", "ValueError: deaf", "detach")


def test_an_observer_may_stop_the_run(folder: Path) -> None:
    """When it is told so."""
    path = write(folder, ("settings = { file", 'on_error = "stop"\nsettings = { fails = true, file'))
    with pytest.raises(PluginError, match="observer ears raised ValueError: deaf when it heard Fill, number"):
        load_run(path).run()


def test_an_observer_may_be_asked_for_beside_the_file(folder: Path) -> None:
    """`--observe NAME,key=value`: values as TOML writes them, anything else is text."""
    heard = folder / "more.txt"
    planned = load_run(
        folder / "run.toml",
        observe=[f"ears,file={heard},worth=3", "tap,folder=taps,events=['Fill', 'Lapse'],format=parquet"],
    )
    ears, tap = (one.observer for one in planned.observers()[1:])
    assert (ears.file, tap.format, str(tap.folder)) == (str(heard), "parquet", "taps")
    assert [kind.__name__ for kind in hearing_of(tap).events] == ["Fill", "Lapse", "RunEnded"]
    with pytest.raises(RunFileError, match="C45 --observe 'ears,loud': 'loud': write KEY=VALUE"):
        load_run(folder / "run.toml", observe=["ears,loud"])
    with pytest.raises(
        RunFileError, match=r"C61 --observe eras\.use: there is no observer 'eras'; did you mean 'ears'"
    ):
        load_run(folder / "run.toml", observe=["eras"])


# ── what is refused ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        (
            'use = "breakout"',
            'use = "breakot"',
            "C61 strategies.break.use: there is no strategy 'breakot'; did you mean 'breakout'",
        ),
        (
            "{ days = 10 }",
            "{ dys = 10 }",
            "C64 strategies.break.settings.dys: Breakout has no such setting; did you mean 'days'?",
        ),
        (
            "{ days = 10 }",
            '{ days = "10" }',
            "C46 strategies.break.settings.days: '10' — expected a whole number; without quotes; a setting of Breakout",
        ),
        ("{ days = 10 }", "{ days = true }", "C46 strategies.break.settings.days: true — expected a whole number"),
        ("each = 0.1, ", "", "C64 settings.commission.settings.each: is needed by Tiered"),
        ("each = 0.1", 'each = "much"', "C46 settings.commission.settings.each: 'much' — expected"),
        ("steps = [10, 100]", "steps = [10, 1.5]", "C46 settings.commission.settings.steps[1]: 1.5 — expected"),
        (
            'use = "tiered"',
            'use = "tierd"',
            "C61 settings.commission.use: there is no commission 'tierd'; did you mean 'tiered'?",
        ),
        (
            'use = "wide"',
            'use = "wide"\nkind = "none"',
            "C45 settings.slippage.kind: is no key here; known: use, settings",
        ),
        ('use = "wide"', 'use = "tiered"', "C61 settings.slippage.use: there is no slippage 'tiered'"),
        (
            'conflict_policy = "nobody"',
            'conflict_policy = { use = "nobody", settings = { spar = true } }',
            "C64 settings.conflict_policy.settings.spar: Nobody has no such setting; did you mean 'spare'?",
        ),
        (
            'conflict_policy = "nobody"',
            'conflict_policy = "nobdy"',
            "C46 settings.conflict_policy: there is no policy 'nobdy'",
        ),
        (
            'source = "walk"',
            'source = "wlk"',
            "C45 data.source: 'wlk' — expected 'sample', 'synthetic', 'csv' or 'parquet'; did you mean 'walk'?",
        ),
        ("{ bars = 240 }", "{ bars = 240.5 }", "C46 data.settings.bars: 240.5 — expected a whole number"),
        ("{ bars = 240 }", "{}\nsymbls = []", "C45 data.symbls: is no key here; did you mean 'symbols'?"),
        ('use = "ears"', 'use = "breakout"', "C61 observers[0].use: there is no observer 'breakout'"),
        (
            'use = "ears"',
            'use = "ears"\non_error = "ignore"',
            "C46 observers[0].on_error: 'ignore' — expected 'detach' or 'stop'",
        ),
        ("settings = { file", "settings = { fil", "C64 observers[0].settings.file: is needed by Ears"),
        ('name = "fills_doubled"', 'name = "best-day"', "C45 metrics[1]: there is a metric 'best-day' already"),
        ("{ factor = 2 }", "{ factor = [] }", "C46 metrics[1].settings.factor: [] — expected"),
        (
            'use = "best-day"\n',
            'use = "best-day"\nsettings = { x = 1 }\n',
            "C64 metrics[0].settings.x: best_day has no such setting; it takes none",
        ),
        (
            'paths = ["own"]',
            'paths = ["owm"]',
            "C61 plugins.paths: the plugin folder owm is not there; did you mean 'own'?",
        ),
        ('paths = ["own"]', 'path = ["own"]', "C45 plugins.path: is no key here; did you mean 'paths'?"),
        ('paths = ["own"]', 'paths = "own"', "C46 plugins.paths: 'own' — expected a list"),
    ],
)
def test_what_is_wrong_with_a_plugin_is_a_finding(folder: Path, was: str, becomes: str, said: str) -> None:
    """With the path of the key, the plugin, what was expected, and the closest name."""
    found = findings(write(folder, (was, becomes)))
    assert said in found, found


def test_an_observer_that_cannot_be_called_as_one_is_named(folder: Path) -> None:
    """An async one is refused before the run, with its name and its file."""
    code = "from ropewalk import Fill, observer\n@observer(Fill)\nasync def late(event, number, cause): ...\n"
    (folder / "own" / "observers" / "ears.py").write_text(code, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"observer 'ears' of own/observers/ears\.py: .* write def"):
        load_run(write(folder, ("{ file = ", "{ } #"))).run()


def test_an_observer_that_refuses_its_settings_is_named(folder: Path) -> None:
    """Its constructor runs when the run begins."""
    path = write(
        folder, ('use = "ears"', 'use = "tap"'), ("{ file = ", '{ format = "csv", events = ["Fil"], folder = ')
    )
    with pytest.raises(ValueError, match="Tap refused its settings: ConfigError: there is no event 'Fil'"):
        load_run(path).run()


def test_a_feed_may_return_anything_that_holds_bars(folder: Path) -> None:
    """Also a path; what cannot be read is told as for any data, and what raises is named."""
    path = write(folder, ("{ bars = 240 }", '{ name = "no.csv" }'))
    with pytest.raises(FeedError, match=r"no\.csv"):
        load_run(path).feed()
    code = folder / "own" / "feeds" / "walk.py"
    code.write_text(code.read_text().replace("return synthetic", "raise LookupError('gone')\n        return synthetic"))
    with pytest.raises(PluginError, match=r"feed 'walk' of own/feeds/walk\.py: bars raised LookupError: gone"):
        load_run(write(folder)).feed()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("'much'", "metric 'best-day', asked about break, raised ValueError"),
        ("True", "metric 'best-day' answered True; return a number"),
        ("1 / 0", "metric 'best-day', asked about break, raised ZeroDivisionError"),
    ],
)
def test_a_metric_that_answers_nonsense_is_named(folder: Path, answer: str, said: str) -> None:
    """No value is None, not an exception."""
    code = folder / "own" / "metrics" / "best_day.py"
    code.write_text(f"def best_day(owner):\n    return {answer}\n", encoding="utf-8")
    with pytest.raises(PluginError, match=said):
        load_run(folder / "run.toml").run()


def test_no_value_of_a_metric_is_none(folder: Path) -> None:
    """Never NaN or infinity."""
    code = folder / "own" / "metrics" / "best_day.py"
    code.write_text("def best_day(owner):\n    return float('nan')\n", encoding="utf-8")
    assert set(load_run(folder / "run.toml").run().measures["best-day"].values()) == {None}


def test_a_metric_may_not_take_a_name_that_is_taken(folder: Path) -> None:
    """Else one of the two would be hidden."""
    with pytest.raises(ValueError, match="metric 'sharpe': a figure of this name is reported already"):
        load_run(write(folder, ('name = "fills_doubled"', 'name = "sharpe"'))).run()
