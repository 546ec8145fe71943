"""What is no input of a run may not show in it: each planted dependence is found, and its strategy is named."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ropewalk import ConfigError
from ropewalk.errors import RunFileError
from ropewalk.journal.determinism import Culprit, _culprit, check_determinism
from ropewalk.journal.elsewhere import is_own
from ropewalk.journal.surroundings import importable_paths, surroundings_of

ROOT = Path(__file__).resolve().parents[3]

RUN = """\
[data]
source = "synthetic"
symbols = 2
bars = 30

[settings]
on_strategy_error = "stop"
log_directory = "logs"

[journal]
folder = "runs"

[strategies.hold]
use = "buy-and-hold"
weight = 0.2

[strategies.moody]
use = "moody.py:Moody"
weight = 0.2

[strategies.trend]
use = "momentum"
weight = 0.2
settings = { short_window = 2, long_window = 5 }
"""

MOODY = """\
import datetime, json, os, pathlib, random, time
import numpy as np
from ropewalk import buy

class Thing:
    def __init__(self, name): self.name = name

class Moody:
    def __init__(self):
        self.things = [Thing(name) for name in range(12)]

    def on_bar(self, bar, view):
        if len(view.history(bar.symbol)) == 7:
            said = WHAT
            return buy(bar.symbol, quantity=1, note=str(said))
"""

FACTS = {
    "hash": "hash(bar.symbol)",
    "time": "int(time.time()) // 86_400",
    "now": "datetime.datetime.now(datetime.timezone.utc).isoformat()[:7]",
    "random": "random.random()",
    "numpy.random": "np.random.rand()",
    "working folder": "os.getcwd()",
    "local zone": "datetime.datetime.fromtimestamp(bar.timestamp.timestamp()).hour",
    "the order of a set": "[*{'buy', 'sell', 'hold', 'wait', 'sit', 'stand'}]",
    "the order of addresses": "[thing.name for thing in sorted(self.things, key=id)]",
    "a file left behind": "(lambda path: (path.exists(), path.touch()))(pathlib.Path(__file__).with_suffix('.seen'))",
}
"""Facts of the surroundings, which a strategy can tell all at once: two processes are started for all of them."""


def planted(folder: Path, what: str) -> Path:
    (folder / "moody.py").write_text(MOODY.replace("WHAT", what), encoding="utf-8")
    path = folder / "run.toml"
    path.write_text(RUN, encoding="utf-8")
    return path


def test_what_is_no_input_is_found_where_it_shows(tmp_path: Path) -> None:
    """82: the strategy, the record, and both of what it said, in which no fact is the same."""
    told = ", ".join(f"{name!r}: {fact}" for name, fact in FACTS.items())
    found = check_determinism(planted(tmp_path, f"json.dumps({{{told}}})"))
    assert (found.exit_code, found.strategy, found.role, found.errors) == (1, "moody", "said", {})
    assert found.difference is not None
    assert (found.difference.kind, found.difference.kind_of_difference) == ("intent", "different")
    assert [field.name for field in found.difference.fields] == ["note"]
    assert found.record["note"] == found.difference.fields[0].a
    sides = [json.loads(side) for side in (found.difference.fields[0].a, found.difference.fields[0].b)]
    assert [name for name in FACTS if sides[0][name] == sides[1][name]] == []
    assert "strategy 'moody' caused it" in str(found)
    assert str(tmp_path) not in str(found.difference)


def test_a_clean_run_is_equal_and_leaves_nothing_behind(tmp_path: Path) -> None:
    """Own seeded streams, sorted sets and the times of bars are fine; no log, no journal, no bytecode is written."""
    what = "(sorted({'b', 'a'}), random.Random(3).random(), view.random.random(), bar.timestamp)"
    path = planted(tmp_path, what)
    found = check_determinism(path)
    assert (found.exit_code, found.is_equal, found.difference, found.strategy) == (0, True, None, "")
    assert found.records > 10
    assert str(found).startswith(f"{path} is deterministic: 2 runs of {found.records} records are equal\n  hash seed 1")
    assert json.loads(json.dumps(found.to_dict()))["is_equal"] is True
    assert sorted(one.name for one in tmp_path.iterdir() if one.name != "__pycache__") == ["moody.py", "run.toml"]


def test_a_relative_path_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It opens where the command was given, and nowhere else."""
    monkeypatch.chdir(tmp_path)
    Path("levels.txt").write_text("7", encoding="utf-8")
    planted(tmp_path, "open('levels.txt').read()")
    found = check_determinism("run.toml")
    assert (found.exit_code, found.strategy, found.role) == (1, "moody", "raised")
    assert list(found.errors) == [1]
    assert "No such file or directory: 'levels.txt'" in found.errors[1]
    assert "clock as it is, random seed 20012, an empty folder:\n  strategy 'moody': on_bar" in str(found)


def test_who_cannot_bear_another_clock_keeps_the_real_one(tmp_path: Path) -> None:
    """What a class that stands for `datetime` breaks is no difference."""
    path = planted(tmp_path, "1 if datetime.datetime is type(datetime.datetime(2020, 1, 1)) else 1 / 0")
    found = check_determinism(path)
    assert (found.exit_code, [one.clock_ahead_seconds for one in found.surroundings]) == (0, [0, 0])


@pytest.mark.parametrize(
    ("name", "file", "expected"),
    [
        ("ropewalk_file_moody_12", "/home/me/moody.py", True),
        ("mine.strategies", os.__file__, True),
        ("levels", "/home/me/levels.py", True),
        ("json", json.__file__, False),
        ("pytest", pytest.__file__, False),
        ("ropewalk.clock", "/home/me/src/ropewalk/clock.py", False),
        ("builtins", None, False),
    ],
)
def test_strategies_are_told_from_libraries(name: str, file: str | None, expected: bool) -> None:
    """By their names, and by where they lie."""
    assert is_own({"__name__": name, "__file__": file}, ["mine"]) is expected


def test_an_intent_that_comes_earlier_is_told_with_its_instant(tmp_path: Path) -> None:
    """Where nothing else happened at an instant, its step differs; the intent behind it is what matters."""
    path = planted(tmp_path, "bar.symbol")
    text = (tmp_path / "moody.py").read_text(encoding="utf-8")
    (tmp_path / "moody.py").write_text(text.replace("== 7", "== 4 + os.getcwd().count('.work')"), encoding="utf-8")
    path.write_text(RUN.replace("buy-and-hold", "moody.py:Moody"), encoding="utf-8")
    found = check_determinism(path)
    assert found.difference is not None
    assert found.difference.kind == "step"
    assert (found.strategy, found.role, found.record_of, found.record["k"]) == ("hold", "said", "a", "intent")
    assert "hold" in str(found).split("\n")[2]


def test_a_strategy_that_was_made_otherwise_is_named(tmp_path: Path) -> None:
    """Its code is an input; what it keeps of its surroundings without a word of it is not."""
    path = planted(tmp_path, "bar.symbol")
    text = (tmp_path / "moody.py").read_text(encoding="utf-8")
    text = text.replace("self.things =", "self.born = time.time(); self.things =")
    (tmp_path / "moody.py").write_text(text + "with open(__file__, 'a') as me: me.write('# again')\n", encoding="utf-8")
    found = check_determinism(path)
    assert (found.exit_code, found.strategy, found.role) == (1, "moody", "made")
    assert found.difference is not None
    assert [field.name for field in found.difference.inputs] == ["plugins.strategy.moody.source"]
    assert "strategy 'moody' was made otherwise, though it said the same" in str(found)


def test_what_cannot_run_is_told_as_it_would_be_by_run(tmp_path: Path) -> None:
    """The message once, since all runs had the same."""
    found = check_determinism(planted(tmp_path, "1 / 0"))
    assert (found.exit_code, found.is_equal, found.is_judged) == (2, False, False)
    assert str(found).startswith("strategy 'moody': on_bar on SYN001 at 2020-01-09T00:00:00+00:00")
    assert "ZeroDivisionError" in str(found)
    assert str(found).endswith("(so in all 2 runs)")
    with pytest.raises(RunFileError, match="there is no such file"):
        check_determinism(tmp_path / "rum.toml")
    with pytest.raises(ConfigError, match="give 2 to 50"):
        check_determinism(tmp_path / "run.toml", runs=1)


def test_a_process_that_dies_is_told_with_its_surroundings(tmp_path: Path) -> None:
    """Nothing can be said about determinism; what it said last is shown, and where it was."""
    path = planted(tmp_path, "os.getcwd().endswith('.work') and (print('so long', flush=True), os._exit(7))")
    found = check_determinism(path)
    assert found.exit_code == 2
    assert "with hash seed 2, zone Pacific/Chatham, clock as it is, random seed 20012" in str(found)
    assert "ended with code 7 before the run was over; it said:\n  so long" in str(found)


def test_a_run_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    """On the clock on the wall, and only when asked."""
    found = check_determinism(planted(tmp_path, "time.sleep(600)"), seconds_max=0.2)
    assert found.exit_code == 2
    assert "not done after 0.2 seconds" in str(found)


# ── who it was ────────────────────────────────────────────────────────────────────────────────────────────────────────

INTENT = {"n": 4, "k": "intent", "t": 9, "strategy": "one"}
DECISION = {"n": 5, "k": "decision", "t": 9, "strategy": "one"}


@pytest.mark.parametrize(
    ("sides", "expected"),
    [
        ({"a": [INTENT], "b": [{**INTENT, "t": 8, "strategy": "two"}]}, ("two", "said", "b")),
        ({"a": [{**INTENT, "strategy": "two"}], "b": [INTENT]}, ("one", "said", "b")),
        ({"a": [DECISION, INTENT], "b": [DECISION, INTENT]}, ("one", "led", "a")),
        ({"a": [DECISION, INTENT], "b": [{**INTENT, "strategy": "two"}]}, ("two", "said", "b")),
        ({"a": [{"k": "conflict", "strategies": ["two", "one"]}]}, ("two", "led", "a")),
        ({"a": [{"k": "fault", "t": 9, "source": "two"}]}, ("two", "raised", "a")),
        ({"a": [{"k": "footer"}]}, ("", "", "")),
    ],
)
def test_who_spoke_first_is_named_else_whose_intent_led_there(sides: dict, expected: tuple) -> None:
    culprit = _culprit(sides, ("one", "two"))
    assert (culprit.strategy, culprit.role, culprit.record_of) == expected
    assert Culprit() == _culprit({}, ())


# ── the surroundings ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_surroundings_differ_in_everything() -> None:
    """Each fact of any is another one's in no other, but for zones, of which there are few."""
    around = surroundings_of(4)
    for fact in ("hash_seed", "zone", "clock_ahead_seconds", "random_seed"):
        assert len({getattr(one, fact) for one in around}) == 4
    assert [bool(one.folder) for one in around] == [True, False, False, False]
    assert all(os.path.isabs(entry) for entry in importable_paths())


AHEAD = """
import copy, pickle, time
from datetime import date as real_date, datetime as real_datetime
before = time.time()
from ropewalk.journal.elsewhere import put_clock_ahead
put_clock_ahead(86_400 * 401, ["__main__"])
import datetime as module
from datetime import UTC, date, datetime, timedelta
day = 86_400
assert 400 * day < time.time() - before < 402 * day
assert 400 * day < time.time_ns() / 1e9 - before < 402 * day
assert date is module.date is not real_date and datetime is not real_datetime
for one in (datetime.now(), datetime.now(UTC), datetime.today(), datetime.utcnow(), datetime(2020, 1, 2, 3)):
    assert type(one) is real_datetime and isinstance(one, datetime) and isinstance(one, date)
    assert pickle.loads(pickle.dumps(one)) == copy.deepcopy(one) == one
assert abs(datetime.now(UTC).timestamp() - time.time()) < 5
assert abs(time.mktime(time.localtime()) - time.time()) < 5 and time.ctime()[-4:] == str(date.today().year)
assert time.strftime("%Y") == str(time.gmtime().tm_year) and time.asctime()[-4:] == time.strftime("%Y")
assert time.gmtime(0).tm_year == 1970 and time.ctime(day)[-4:] == "1970"
assert time.strftime("%Y", time.gmtime(0)) == "1970"
today = date.today()
assert type(today) is real_date and isinstance(today, date) and pickle.loads(pickle.dumps(today)) == today
assert not isinstance(today, datetime) and issubclass(datetime, date) and issubclass(real_datetime, datetime)
assert datetime.fromisoformat("2020-01-02") + timedelta(1) == datetime(2020, 1, 3)
assert datetime.strptime("3 1 20", "%d %m %y") == datetime(2020, 1, 3)
class Own(datetime): pass
own = Own(2020, 1, 1)
assert type(own) is Own and isinstance(own, Own) and issubclass(Own, datetime)
assert not isinstance(datetime(2020, 1, 1), Own)
import decimal, pandas, polars
assert pandas.Series([datetime(2020, 1, 1)]).dt.year[0] == 2020
assert polars.Series([datetime(2020, 1, 1)])[0].year == 2020
"""


def test_a_clock_that_is_ahead_is_a_clock() -> None:
    """Dates made by the classes that stand for the real ones are real ones, and can be copied and pickled."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "TZ": "UTC"}
    answer = subprocess.run(
        [sys.executable, "-c", AHEAD], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert answer.returncode == 0, answer.stderr
