"""What a user gets when a plugin cannot be found, imported or made: findings of the run file, each with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from ropewalk.errors import RunFileError
from ropewalk.plugins import API
from ropewalk.run_file import load_run

GOOD = """
class Own:
    def __init__(self, days: int = 5):
        if days < 1:
            raise ValueError(f"{days} days are none")
    def should_enter(self, bars):
        return True
    def should_exit(self, position, bars):
        return False
"""


def finding(folder: Path, use: str, code: str = GOOD, settings: str = "") -> str:
    """The one finding of a run file that names a strategy; the file `own.py` is beside it."""
    (folder / "own.py").write_text(code, encoding="utf-8")
    path = folder / "run.toml"
    path.write_text(
        '[data]\nsource = "synthetic"\n[plugins]\npaths = ["plugins"]\n'
        f'[strategies.one]\nuse = "{use}"\nweight = 0.5\nsettings = {{ {settings} }}\n',
        encoding="utf-8",
    )
    (folder / "plugins").mkdir(exist_ok=True)
    with pytest.raises(RunFileError) as caught:
        load_run(path)
    (found,) = caught.value.findings
    return found


@pytest.mark.parametrize(
    ("use", "code", "said"),
    [
        ("not_there.module:Own", GOOD, "there is no module 'not_there'; install the package that has it"),
        ("owm.py:Own", GOOD, "owm.py (No such file or directory); did you mean 'own.py'?"),
        ("own.py:Own", "import nowhere\n" + GOOD, "raised ModuleNotFoundError: No module named 'nowhere'"),
        ("own.py:Own", "raise SystemExit(3)\n", "raised SystemExit: 3"),
        ("momentun", GOOD, "there is no strategy 'momentun'; did you mean 'momentum'?"),
    ],
    ids=["module", "file", "import in it", "exit in it", "name"],
)
def test_a_plugin_that_cannot_be_imported(tmp_path: Path, use: str, code: str, said: str) -> None:
    """61: the finding names key, plugin and cause."""
    found = finding(tmp_path, use, code)
    assert found.startswith("C61 strategies.one.use: ")
    assert said in found


@pytest.mark.parametrize(
    ("use", "code", "said"),
    [
        ("own.py:Owm", GOOD, "did you mean 'Own'?"),
        ("own.py:Own", "class Own:\n    def should_enter(self, bars): return True\n", "should_exit"),
        ("own.py:Own", "Own = 5\n", "has a int, not a class, called 'Own'"),
    ],
    ids=["class", "method", "thing"],
)
def test_a_plugin_that_is_none(tmp_path: Path, use: str, code: str, said: str) -> None:
    """62: the closest name, or what is missing."""
    assert said in finding(tmp_path, use, code)


@pytest.mark.parametrize("code", ["", "from ropewalk import gone\n"], ids=["as it is", "failing before it can say so"])
def test_a_plugin_for_another_api(tmp_path: Path, code: str) -> None:
    """63: both versions, and what to do; also when it fails before it can say so."""
    found = finding(tmp_path, "own.py:Own", f"ropewalk_api = {API + 1}\n{code}{GOOD}")
    assert f"{API + 1}" in found
    assert "pip install -U ropewalk" in found


def test_settings_that_a_plugin_refuses(tmp_path: Path) -> None:
    """64: the path of the key, and what the constructor said."""
    assert finding(tmp_path, "own.py:Own", settings='days = "5"').startswith("C46 strategies.one.settings.days: '5'")
    assert "did you mean 'days'?" in finding(tmp_path, "own.py:Own", settings="day = 5")
    found = finding(tmp_path, "own.py:Own", settings="days = 0")
    assert found.startswith("C64 strategies.one.settings: ")
    assert "ValueError: 0 days are none" in found


def test_two_plugins_of_one_name(tmp_path: Path) -> None:
    """81: both are refused, with where each lies, once a run names them."""
    for folder in ("own", "own/__init__"):
        path = tmp_path / "plugins/strategies" / f"{folder}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(GOOD, encoding="utf-8")
    found = finding(tmp_path, "own")
    assert "there are 2 plugins that are strategy 'own': " in found
    assert "take one away" in found
