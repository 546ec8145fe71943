"""`new`, `plugins`, `plugins check`, and the options that plug in."""

from __future__ import annotations

import json
import os
import sys
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from installed import STRATEGY, install
from ropewalk.cli.main import app
from ropewalk.cli.scaffold import TEMPLATES, scaffold
from warm import warm

ROOT = Path(__file__).resolve().parents[3]
RUN = """
[data]
source = "synthetic"
bars = 80

[strategies.own]
use = "own-idea"
weight = 0.5

[strategies.hold]
use = "buy-and-hold"
weight = 0.3
"""


def invoke(*arguments: object) -> object:
    return CliRunner().invoke(app, [str(one) for one in arguments])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "own" / "strategies").mkdir(parents=True)
    (tmp_path / "own" / "strategies" / "own_idea.py").write_text(STRATEGY, encoding="utf-8")
    (tmp_path / "run.toml").write_text(RUN, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


# ── new ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", TEMPLATES)
def test_a_new_plugin_passes_its_own_test(kind: str, folder: Path, warm_interpreter: str) -> None:
    """As it was written: its test, and with that the suite for plugins; its run file runs and names it."""
    answer = invoke("new", kind, "my-idea", "--into", folder / "made")
    assert answer.exit_code == 0, answer.output
    made = folder / "made" / "my-idea"
    assert f"pip install -e {made}" in answer.stdout
    tested = "sys.exit(pytest.main(['-q', '-p', 'no:cacheprovider']))"
    code = f"import pytest, sys; sys.executable = {warm_interpreter!r}; {tested}"
    path = os.pathsep.join([str(ROOT / "src"), str(made / "src")])
    test = warm().run(["-c", code], cwd=made, environment={"PYTHONPATH": path})
    assert test.returncode == 0, test.stdout + test.stderr
    assert "2 passed" in test.stdout


@pytest.mark.parametrize("kind", TEMPLATES)
def test_a_new_plugin_is_found_and_its_run_file_runs(kind: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once it is installed, which puts its module and its entry point on the path."""
    name = f"fresh-{kind}"
    files = scaffold(kind, name)
    package = f"fresh_{kind}"
    lines = files["pyproject.toml"].splitlines()
    group = next(line for line in lines if line.startswith("[project.entry-points")).split('"')[1]
    entry = next(line for line in lines if line.startswith(f"{name} = ")).replace('"', "")
    install(folder / "site", name, {group.removeprefix("ropewalk."): entry}, files[f"src/{package}/__init__.py"])
    monkeypatch.syspath_prepend(str(folder / "site"))
    (folder / "run.toml").write_text(files["run.toml"], encoding="utf-8")
    answer = invoke("run", "run.toml", "--no-journal", "--json")
    assert answer.exit_code == 0, answer.output
    strategies = json.loads(answer.stdout)["strategies"]
    assert list(strategies)[-1] == "trend"
    if kind == "strategy":
        assert strategies[name]["counts"]["fills"] > 10
    elif kind == "observer":
        assert answer.stderr.count("\n") > 10
    sys.modules.pop(package)


@pytest.mark.parametrize("name", ["trend", "aggregate", "pool"])
def test_a_name_that_is_taken_in_the_run_file_is_no_trouble(name: str) -> None:
    """The run file seats it under another."""
    run_file = tomllib.loads(scaffold("strategy", name)["run.toml"])
    assert list(run_file["strategies"]) == [f"own-{name}", "trend"]
    assert run_file["strategies"][f"own-{name}"]["use"] == name


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("strategi", "my-idea"), "there is no template of a 'strategi'; did you mean 'strategy'?"),
        (("strategy", "My Idea"), "'My Idea' cannot be a plugin's name; use small letters, digits and single -"),
        (("strategy", "class"), "'class' cannot be a plugin's name"),
        (("strategy", "../up"), "'../up' cannot be a plugin's name"),
        (("strategy", "own"), "own is there already; take another name, or another place with --into DIR"),
    ],
)
def test_what_cannot_be_written_is_said(arguments: tuple[str, str], said: str, folder: Path) -> None:
    """And nothing is written, and nothing overwritten."""
    before = sorted(folder.rglob("*"))
    answer = invoke("new", *arguments)
    assert answer.exit_code == 2
    assert said in answer.stderr
    assert sorted(folder.rglob("*")) == before


# ── plugins ───────────────────────────────────────────────────────────────────────────────────────


def test_plugins_are_listed_with_what_cannot_be_used(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kind, name, version, where from; what failed, and why; what lies where nothing is looked for."""
    site = folder / "site"
    install(site, "good-one", {"strategies": "good = good_one:Own", "limits": "tight = good_one:Own"}, version="0.3")
    install(site, "bad-one", {"strategies": "bad = bad_one:Own"}, "raise RuntimeError('no licence')")
    install(site, "twin-one", {"strategies": "own-idea = twin_one:Own\nmomentum = twin_one:Own"})
    monkeypatch.syspath_prepend(str(site))
    (folder / "own" / "lost.py").write_text("", encoding="utf-8")
    answer = invoke("plugins", "--plugins", "own", "--json")
    assert answer.exit_code == 1
    told = json.loads(answer.stdout)
    rows = {(row["kind"], row["name"], row["version"]): row for row in told["plugins"]}
    assert rows["strategy", "good", "good-one 0.3"]["problem"] == ""
    assert rows["strategy", "good", "good-one 0.3"]["where"] == "good_one:Own"
    assert rows["limit", "tight", "good-one 0.3"]["named_in"] == "limits.own.NAME.use"
    assert "tight is no limit: it needs room(ask)" in rows["limit", "tight", "good-one 0.3"]["problem"]
    assert "importing bad_one raised RuntimeError: no licence" in rows["strategy", "bad", "bad-one 1.0"]["problem"]
    assert "there are 2 plugins that are strategy 'own-idea'" in rows["strategy", "own-idea", ""]["problem"]
    assert "there are 2 plugins that are strategy 'own-idea'" in rows["strategy", "own-idea", "twin-one 1.0"]["problem"]
    assert "ropewalk has a strategy 'momentum' of its own" in rows["strategy", "momentum", "twin-one 1.0"]["problem"]
    assert "own/lost.py: no plugin is looked for here" in told["strays"][0]
    shown = invoke("plugins", "--plugins", "own")
    assert "cannot be used" in shown.stdout
    assert "strategy bad: strategy 'bad' of bad-one 1.0: importing bad_one raised" in shown.stdout
    for name in ("good_one", "twin_one"):
        sys.modules.pop(name, None)


def test_a_plugin_whose_constructor_raises_is_not_called_ok(folder: Path) -> None:
    """What it raised is said and the listing goes on; what needs settings is not tried, and said to need them."""
    places = folder / "own" / "observers"
    places.mkdir()
    marked = "import ropewalk\n@ropewalk.observer(ropewalk.Fill)\nclass Own:\n    def __call__(self, *_): ...\n"
    (places / "closed.py").write_text(f"{marked}    def __init__(self): raise OSError('port 80 is taken')\n")
    (places / "leaving.py").write_text(f"{marked}    def __init__(self): raise SystemExit(3)\n")
    (places / "needy.py").write_text(f"{marked}    def __init__(self, port: int): raise OSError(port)\n")
    answer = invoke("plugins", "--plugins", "own", "--json")
    assert answer.exit_code == 1
    rows = {row["name"]: row for row in json.loads(answer.stdout)["plugins"]}
    assert rows["closed"]["problem"].endswith("cannot be made without settings: OSError: port 80 is taken")
    assert rows["leaving"]["problem"].endswith("cannot be made without settings: SystemExit: 3")
    assert (rows["needy"]["needs"], rows["needy"]["problem"]) == (["port"], "")
    assert (rows["own-idea"]["needs"], rows["own-idea"]["problem"]) == ([], "")
    shown = invoke("plugins", "--plugins", "own").stdout
    lines = [line.split() for line in shown.splitlines() if line.strip().startswith("observer ")]
    states = {name: " ".join(rest[-3:]) for _, name, *rest in lines}
    assert states["needy"].endswith("needs port")
    assert states["closed"] == "cannot be used"


def test_what_ships_is_listed_when_it_is_asked_for() -> None:
    """It has no version of its own."""
    answer = invoke("plugins", "--shipped", "--json")
    rows = [row for row in json.loads(answer.stdout)["plugins"] if row["where"].startswith("ropewalk.")]
    assert [row["name"] for row in rows][:2] == ["buy-and-hold", "momentum"]
    assert [row["problem"] for row in rows] == [""] * len(rows)
    assert {row["kind"] for row in rows} == {"strategy", "observer"}


def test_a_plugin_is_checked_by_its_name(folder: Path, warm_interpreter: str) -> None:
    """Its kind is found; the report says what was looked at, and the exit code says whether it passed."""
    answer = invoke("plugins", "check", "own-idea", "--plugins", "own", "--set", "edge=0.25")
    assert answer.exit_code == 0, answer.output
    assert "strategy own-idea: passed" in answer.stdout
    assert "passed  determinism: 2 runs are equal" in answer.stdout
    assert "µs a bar" in answer.stdout
    answer = invoke("plugins", "check", "own-idea", "--plugins", "own", "--set", "edge=high", "--json")
    assert answer.exit_code == 1
    (told, *_) = json.loads(answer.stdout)["checks"]
    assert "C46 strategies.checked.settings.edge: 'high' — expected" in told["told"]


def test_a_class_of_a_file_is_checked(folder: Path) -> None:
    """Its kind is seen from its methods; here the processes are fresh ones."""
    (folder / "fee.py").write_text(
        "class Fee:\n    def commission_micros(self, quantity, price_micros):\n        return 7\n", encoding="utf-8"
    )
    answer = invoke("plugins", "check", "fee.py:Fee")
    assert answer.exit_code == 0, answer.output
    assert "commission fee.py:Fee: passed" in answer.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("own-ide",), "there is no plugin 'own-ide'; did you mean 'own-idea'?"),
        (("both",), "'both' is strategy and policy; say which with --kind"),
        (("own-idea", "--kind", "strat"), "there is no kind 'strat'; did you mean 'strategy'?"),
        (("own-idea", "--set", "edge"), "'edge': write KEY=VALUE"),
        (("nowhere.py:Own",), "cannot read nowhere.py"),
    ],
)
def test_what_cannot_be_checked_is_said(arguments: tuple[str, ...], said: str, folder: Path) -> None:
    """With exit code 2."""
    for kind in ("strategies", "policies"):
        (folder / "own" / kind).mkdir(exist_ok=True)
        (folder / "own" / kind / "both.py").write_text("", encoding="utf-8")
    answer = invoke("plugins", "check", *arguments, "--plugins", "own")
    assert answer.exit_code == 2
    assert said in answer.stderr


# ── the options ───────────────────────────────────────────────────────────────────────────────────


def test_a_run_looks_into_plugin_folders_and_is_replayed_from_them(folder: Path) -> None:
    """--plugins is given to whoever makes the run again, too; --observe hears the run and its replay alike."""
    answer = invoke("run", "run.toml", "--plugins", "own", "--observe", "tap,folder=heard,events=['Fill']")
    assert answer.exit_code == 0, answer.output
    (recorded,) = (folder / "runs").iterdir()
    missing = invoke("replay", recorded, "--level", "full")
    assert missing.exit_code == 2
    assert "its strategy 'own-idea' cannot be made again: there is no strategy 'own-idea'" in missing.stderr
    observe = ("--observe", "tap,folder=again,events=['Fill']")
    again = invoke("replay", recorded, "--level", "full", "--plugins", "own", *observe)
    assert again.exit_code == 0, again.output
    heard = (folder / "heard" / "fill.csv").read_bytes()
    assert heard.count(b"\n") > 1
    assert (folder / "again" / "fill.csv").read_bytes() == heard


def test_observers_that_are_asked_for_leave_the_journal_alone(folder: Path) -> None:
    """Byte for byte."""
    for place, more in (("a", ()), ("b", ("--observe", "ticker", "--observe", "tap,folder=heard"))):
        answer = invoke("run", "run.toml", "--plugins", "own", "--journal", folder / place, *more)
        assert answer.exit_code == 0, answer.output
    (one,), (two,) = ([*(folder / place).glob("*/journal.jsonl")] for place in ("a", "b"))
    assert one.read_bytes() == two.read_bytes()


def test_an_observer_that_is_not_there_is_said(folder: Path) -> None:
    """By a run, and by a replay."""
    answer = invoke("run", "run.toml", "--plugins", "own", "--observe", "tapp")
    assert answer.exit_code == 2
    assert "there is no observer 'tapp'; did you mean 'tap'?" in answer.stderr
    assert invoke("run", "run.toml", "--plugins", "own").exit_code == 0
    (recorded,) = (folder / "runs").iterdir()
    answer = invoke("replay", recorded, "--observe", "tap,fold=x")
    assert answer.exit_code == 2
    assert "C64 --observe tap.settings.fold: Tap has no such setting; did you mean 'folder'?" in answer.stderr
