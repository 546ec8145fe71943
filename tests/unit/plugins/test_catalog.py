"""Plugins are found without being imported, in one order, and what stands in the way is said in full."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from installed import STRATEGY, install
from ropewalk import (
    ConfigError,
    Momentum,
    OrchestratorConfig,
    PluginError,
    StrategyOrchestrator,
    plugin,
    synthetic_feed,
)
from ropewalk.plugins import API, POINTS, Catalog

POLICY = """
from ropewalk import Outcome

class Nobody:
    name = "nobody"
    def settle(self, wishes):
        return [Outcome(0, wish.close_lots) for wish in wishes]
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is on the path; what is imported from it is forgotten again."""
    place = tmp_path / "site"
    place.mkdir()
    monkeypatch.syspath_prepend(str(place))
    before = list(sys.modules)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield place
    for name in [name for name in sys.modules if name not in before]:
        del sys.modules[name]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A plugin folder beside a run file."""
    for name, code in (("strategies/own_idea.py", STRATEGY), ("policies/nobody.py", POLICY)):
        path = tmp_path / "plugins" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code, encoding="utf-8")
    return tmp_path


def refusal(catalog: Catalog, kind: str, name: str) -> str:
    with pytest.raises(PluginError) as caught:
        catalog.find(kind, name).load()
    return str(caught.value)


# ── what is found ─────────────────────────────────────────────────────────────────────────────────


def test_an_entry_point_is_found_by_its_name(site: Path) -> None:
    """An installed plugin says where it comes from, which version it is, and the digest of its source."""
    install(site, "their-idea", {"strategies": "idea = their_idea:Own"}, version="2.1")
    found = Catalog().find("strategy", "idea")
    assert (found.where, found.version, found.home) == ("their-idea 2.1", "their-idea 2.1", "their_idea:Own")
    assert found.load().__name__ == "Own"
    assert len(found.source) == 64


def test_a_file_of_a_plugin_folder_is_found_by_its_name(folder: Path) -> None:
    """The subfolder says the kind, the file the name, with - for _; the file has one plugin."""
    catalog = Catalog(["plugins"], base=folder)
    found = catalog.find("strategy", "own-idea")
    assert (found.where, found.version, found.load().__name__) == ("plugins/strategies/own_idea.py", "", "Own")
    assert catalog.find("policy", "nobody").load().name == "nobody"


def test_a_package_of_a_plugin_folder_is_one_plugin(folder: Path) -> None:
    """A folder with `__init__.py` may have several files, which import each other relatively; its digest has all."""
    package = folder / "plugins" / "strategies" / "wide"
    package.mkdir()
    (package / "__init__.py").write_text(f"from .edge import EDGE\n{STRATEGY}\n    edge = EDGE\n", encoding="utf-8")
    (package / "edge.py").write_text("EDGE = 7\n", encoding="utf-8")
    found = Catalog(["plugins"], base=folder).find("strategy", "wide")
    assert found.load().edge == 7
    assert len(found.source) == 64
    (package / "edge.py").write_text("EDGE = 8 + 1\n", encoding="utf-8")
    changed = Catalog(["plugins"], base=folder).find("strategy", "wide")
    assert changed.load().edge == 9
    assert changed.source != found.source


def test_only_what_is_named_is_imported(site: Path, folder: Path) -> None:
    """A plugin that cannot be imported hurts nobody who does not name it."""
    broken = "raise RuntimeError('no licence')"
    install(site, "broken-idea", {"strategies": "broken = broken_idea:Own"}, broken)
    install(site, "good-idea", {"strategies": "good = good_idea:Own"})
    (folder / "plugins" / "strategies" / "bad.py").write_text(broken, encoding="utf-8")
    catalog = Catalog(["plugins"], base=folder)
    assert catalog.find("strategy", "good").load()
    assert catalog.find("strategy", "own-idea").load()
    assert "broken_idea" not in sys.modules
    assert "importing broken_idea raised RuntimeError: no licence" in refusal(catalog, "strategy", "broken")
    assert "bad.py raised RuntimeError: no licence" in refusal(catalog, "strategy", "bad")


def test_listing_imports_nothing(site: Path) -> None:
    """Neither do names, which misspellings are held against."""
    install(site, "quiet-idea", {"strategies": "quiet = quiet_idea:Own"})
    catalog = Catalog()
    assert "quiet" in [one.name for one in catalog.every()]
    assert "did you mean 'quiet'?" in refusal(catalog, "strategy", "quite")
    assert "quiet_idea" not in sys.modules


def test_the_order_is_stated(site: Path, folder: Path) -> None:
    """What ships, what is installed, the folders in the order given; in each by kind and then by name."""
    install(site, "b-idea", {"strategies": "zeta = b_idea:Own\nalpha = b_idea:Own"})
    install(site, "a-idea", {"strategies": "middle = a_idea:Own", "observers": "ears = a_idea:Ears"})
    (folder / "more" / "strategies").mkdir(parents=True)
    (folder / "more" / "strategies" / "aaa.py").write_text(STRATEGY, encoding="utf-8")
    catalog = Catalog(["plugins", "more"], base=folder)
    plugged = [(one.point.kind, one.name) for one in catalog.every() if one.is_plugin]
    ours = [one for one in plugged if one[1] in ("alpha", "middle", "zeta", "ears", "own-idea", "nobody", "aaa")]
    assert ours == [
        ("strategy", "alpha"),
        ("strategy", "middle"),
        ("strategy", "zeta"),
        ("observer", "ears"),
        ("strategy", "own-idea"),
        ("policy", "nobody"),
        ("strategy", "aaa"),
    ]
    assert not catalog.every()[0].is_plugin


# ── what is refused ───────────────────────────────────────────────────────────────────────────────


def test_two_plugins_of_one_name_are_both_named(site: Path, folder: Path) -> None:
    """Which one is meant is not guessed; the one that is meant can be named by its place (81)."""
    install(site, "one-idea", {"strategies": "idea = one_idea:Own"})
    install(site, "two-idea", {"strategies": "idea = two_idea:Own"})
    said = refusal(Catalog(), "strategy", "idea")
    assert "there are 2 plugins that are strategy 'idea': one-idea 1.0 (one_idea:Own) and two-idea 1.0" in said
    assert Catalog().find("strategy", "two_idea:Own").load()
    (folder / "plugins" / "strategies" / "idea.py").write_text(STRATEGY, encoding="utf-8")
    said = refusal(Catalog(["plugins"], base=folder), "strategy", "idea")
    assert "there are 3 plugins" in said
    assert "plugins/strategies/idea.py" in said


def test_one_name_may_be_of_several_kinds(site: Path) -> None:
    """Names are looked up by kind."""
    install(site, "both-idea", {"strategies": "both = both_idea:Own", "policies": "both = both_idea:Nobody"}, POLICY)
    assert Catalog().find("policy", "both").load().name == "nobody"


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        ("ropewalk_api = 2", f"plug-in API 2, this ropewalk has {API}: pip install -U ropewalk"),
        ("ropewalk_api = 0", "pip install -U other-idea, or: bring the plugin to it"),
        ("ropewalk_api = 'one'", "plug-in API 'one', this ropewalk has 1; write ropewalk_api = 1"),
        ("ropewalk_api = 2\nfrom ropewalk import Clairvoyance", "plug-in API 2"),
    ],
)
def test_another_api_says_what_to_do(site: Path, mark: str, said: str) -> None:
    """A plugin of another API is not used, also when it fails before it can say so (63)."""
    install(site, "other-idea", {"strategies": "other = other_idea:Own"}, STRATEGY.replace("ropewalk_api = 1", mark))
    assert said in refusal(Catalog(), "strategy", "other")
    assert "strategy 'other' of other-idea 1.0" in refusal(Catalog(), "strategy", "other")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("x = 1", "has no strategy, which needs should_enter(bars)"),
        (STRATEGY + "\nclass Two(Own): ...", "has 2: Own, Two; a file of a plugin folder has one strategy"),
        ("class Half:\n    def should_enter(self, bars): ...", "it has Half: its methods: should_enter"),
        ("def idea(bars): ...", "idea: it is a function, where a class is needed"),
    ],
)
def test_a_file_of_a_plugin_folder_has_one_plugin(folder: Path, code: str, said: str) -> None:
    """Else it is said what it has, and what is missing (62)."""
    (folder / "plugins" / "strategies" / "own_idea.py").write_text(code, encoding="utf-8")
    assert said in refusal(Catalog(["plugins"], base=folder), "strategy", "own-idea")


def test_what_a_file_imports_is_not_its_own(folder: Path) -> None:
    """A strategy that is imported to build on it is no second plugin; nor is one whose name begins with _."""
    code = f"from ropewalk import Momentum\n{STRATEGY}\nclass _Base(Own): ..."
    (folder / "plugins" / "strategies" / "own_idea.py").write_text(code, encoding="utf-8")
    assert Catalog(["plugins"], base=folder).find("strategy", "own-idea").load().__name__ == "Own"


def test_a_folder_that_is_none_is_said(folder: Path) -> None:
    """Also when nothing of it is named: it is a slip."""
    with pytest.raises(PluginError, match=r"the plugin folder plugin is not there; did you mean 'plugins'\?"):
        Catalog(["plugin"], base=folder).check_folders()
    (folder / "file").write_text("", encoding="utf-8")
    with pytest.raises(PluginError, match="the plugin folder file is no folder"):
        Catalog(["file"], base=folder).check_folders()


def test_what_lies_beside_the_folders_is_told(folder: Path) -> None:
    """A file at the top, or in a folder of no kind, would never be found."""
    (folder / "plugins" / "lost.py").write_text(STRATEGY, encoding="utf-8")
    (folder / "plugins" / "strategys").mkdir()
    first, second = Catalog(["plugins"], base=folder).strays()
    assert "plugins/lost.py: no plugin is looked for here; put it into one of the folders strategies, policies" in first
    assert "plugins/strategys: no plugin is looked for here; did you mean 'strategies'?" in second


def test_every_point_has_a_group_and_a_word() -> None:
    """Groups are what others write into their pyproject.toml: they stay."""
    assert [point.group.removeprefix("ropewalk.") for point in POINTS.values()] == [
        "strategies",
        "policies",
        "limits",
        "rebalancers",
        "commissions",
        "slippages",
        "fill_models",
        "feeds",
        "observers",
        "metrics",
        "report_sections",
    ]


# ── from Python ───────────────────────────────────────────────────────────────────────────────────


def test_a_plugin_is_made_from_python(site: Path, folder: Path) -> None:
    """Found and made as a run file does it, for whatever takes an object."""
    install(site, "their-idea", {"strategies": "idea = their_idea:Own"})
    assert plugin("strategy", "idea", {"edge": 0.25}).edge == 0.25
    policy = plugin("policy", "nobody", folders=[folder / "plugins"])
    seats = {"a": (Momentum(3, 9), "0.5"), "b": (Momentum(4, 8), "0.5")}
    result = StrategyOrchestrator(seats, config=OrchestratorConfig(conflict_policy=policy)).run(synthetic_feed(1, 100))
    assert {one.policy for one in result.conflicts} == {"nobody"}


def test_what_cannot_be_made_from_python_is_said(site: Path) -> None:
    """The kind, the plugin, the setting."""
    install(site, "their-idea", {"strategies": "idea = their_idea:Own"})
    with pytest.raises(PluginError, match="there is no kind of plugin 'strategi'; did you mean 'strategy'"):
        plugin("strategi", "idea")
    with pytest.raises(ConfigError, match=r"strategy 'idea' of their-idea 1\.0 cannot be made") as caught:
        plugin("strategy", "idea", {"edge": "high", "hedge": 1})
    assert caught.value.findings == (
        "C64 hedge: Own has no such setting; did you mean 'edge'?",
        "C46 edge: 'high' — expected a number; a setting of Own",
    )
