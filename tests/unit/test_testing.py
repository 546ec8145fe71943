"""The suite for plugins passes what is good, and catches each thing that a plugin may not do."""

from __future__ import annotations

from pathlib import Path

import pytest

from ropewalk import ConfigError, Momentum
from ropewalk.testing import (
    Report,
    check_commission,
    check_feed,
    check_fill_model,
    check_limit,
    check_metric,
    check_observer,
    check_plugin,
    check_policy,
    check_report_section,
    check_slippage,
    check_strategy,
)

# A check starts three processes, which mostly import; that real ones do is seen in cli/test_plugins.py.
pytestmark = pytest.mark.usefixtures("warm_interpreter")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    for name in (
        "strategies",
        "policies",
        "commissions",
        "slippages",
        "observers",
        "metrics",
        "feeds",
        "limits",
        "fill_models",
        "report_sections",
    ):
        (tmp_path / name).mkdir()
    return tmp_path


FEW = {"bars": 100}
"""Data for what shows at once."""


def write(place: Path, name: str, code: str) -> None:
    (place / name).write_text(code, encoding="utf-8")


def verdicts(report: Report) -> dict[str, str]:
    return {
        check.name: "skipped" if check.is_skipped else "passed" if check.is_passed else "failed"
        for check in report.checks
    }


IDEA = """
from ropewalk import Strategy, target
{imports}

class Idea(Strategy):
    def on_bar(self, bar, view):
        {line}
        return target(bar.symbol, fraction=0.1 if bar.close > bar.open else 0)
"""


def idea(place: Path, line: str = "pass", imports: str = "") -> Report:
    write(place, "strategies/idea.py", IDEA.format(line=line, imports=imports))
    return check_strategy("idea", plugins=[place], data=FEW)


# ── strategies ────────────────────────────────────────────────────────────────────────────────────


def test_a_good_strategy_passes() -> None:
    """Ours do, by name and by class, with settings and with data of one's own; speed is reported."""
    report = check_strategy("momentum", settings={"short_window": 3, "long_window": 9}, data={"bars": 150})
    assert report.is_passed, report
    assert list(verdicts(report)) == ["protocol", "global state", "determinism", "look-ahead", "speed"]
    assert "450 bars" in report.checks[0].told
    assert "µs a bar; the same run with a silent strategy" in report.checks[-1].told
    assert report.to_dict()["exit_code"] == 0


def test_a_class_is_checked_as_well_as_a_name() -> None:
    """Wherever another process can find it."""
    report = check_strategy(Momentum, settings={"short_window": 3, "long_window": 9}, data={"bars": 100})
    assert report.name == "Momentum"
    assert report.is_passed, report


class SomethingOfThisFile:
    """A strategy beside the tests, in a module that nobody can import by name."""

    def should_enter(self, bars: object) -> bool:
        return True

    def should_exit(self, position: object, bars: object) -> bool:
        return False


def test_a_class_of_a_test_file_is_checked() -> None:
    """By the path of its file."""
    report = check_strategy(SomethingOfThisFile, data={"bars": 60})
    assert report.is_passed, report


@pytest.mark.parametrize(
    ("line", "imports", "said"),
    [
        ("random.random()", "import random", "it changes the stream of random"),
        ("np.random.rand()", "import numpy as np", "it changes the global stream of numpy.random"),
        ("decimal.getcontext().prec = 9", "import decimal", "it changes the decimal context: was 'prec=28"),
        ("locale.setlocale(locale.LC_ALL, 'C.UTF-8')", "import locale", "it changes the locale"),
        ("os.chdir('/')", "import os", "it changes the working folder: was"),
        ("signal.signal(signal.SIGUSR1, signal.SIG_IGN)", "import signal", "it changes the signal handlers"),
        ("warnings.simplefilter('ignore')", "import warnings", "it changes the filters of warnings"),
        ("sys.setrecursionlimit(5_000)", "import sys", "it changes the recursion limit: was 1000, is 5000"),
        ("os.environ['X'] = '1'", "import os", "it changes the environment"),
        ("pass", "import os\nos.environ['X'] = '1'", "it changes the environment"),
    ],
)
def test_what_all_share_is_left_alone(place: Path, line: str, imports: str, said: str) -> None:
    """Whatever a strategy changes of it is named, and it is run no further (78)."""
    report = idea(place, line, imports)
    assert not report.is_passed
    assert said in report.checks[1].told
    assert verdicts(report) == {
        "protocol": "passed",
        "global state": "failed",
        "determinism": "skipped",
        "look-ahead": "skipped",
        "speed": "passed",
    }


def test_chance_is_caught(place: Path) -> None:
    """A strategy that depends on the order of a set of texts says something else in another process (82)."""
    assert idea(place).is_passed
    code = IDEA.format(imports="", line="pass").replace("0.1 if", "int([*{str(n) for n in range(90)}][0]) / 100 if")
    write(place, "strategies/idea.py", code)
    report = check_strategy("idea", plugins=[place])
    assert verdicts(report)["determinism"] == "failed"
    assert "strategy 'checked' caused it" in next(check.told for check in report.checks if check.name == "determinism")


def test_looking_ahead_is_caught(place: Path) -> None:
    """Signals that hold prices against the whole sample."""
    write(
        place,
        "strategies/idea.py",
        "class Idea:\n    def signals(self, history):\n        return 1.0 * (history.close > history.close.mean())\n",
    )
    report = check_strategy("idea", plugins=[place])
    assert verdicts(report)["look-ahead"] == "failed"
    assert "looks ahead: checked" in report.checks[3].told


def test_silence_is_not_called_honest(place: Path) -> None:
    """Who wants nothing shows nothing: the check says that it saw nothing."""
    report = check_strategy("ropewalk.testing.silent:Silent", data={"bars": 50})
    assert verdicts(report)["look-ahead"] == "skipped"
    assert "it wanted nothing on these data" in report.checks[3].told
    assert report.is_passed


@pytest.mark.parametrize(
    ("line", "imports", "said"),
    [
        ("raise ValueError('oh')", "", "ValueError: oh"),
        ("os._exit(3)", "import os", "the process ended with code 3 before it was done"),
        ("pass", "raise RuntimeError('no licence')", "importing"),
        ("pass", "ropewalk_api = 9", "written for plug-in API 9"),
    ],
)
def test_a_strategy_that_cannot_run_fails_the_first_check(place: Path, line: str, imports: str, said: str) -> None:
    """Whatever it does, the check itself goes on to its report."""
    report = idea(place, line, imports)
    assert verdicts(report)["protocol"] == "failed"
    assert said in report.checks[0].told
    assert set(list(verdicts(report).values())[1:]) == {"skipped"}


# ── the others ────────────────────────────────────────────────────────────────────────────────────

POLICY = """
from ropewalk import Outcome

class Rule:
    name = "rule"
    def settle(self, wishes):
        return [{outcome} for wish in wishes]
"""


def test_a_policy_is_checked(place: Path) -> None:
    """A good one passes; one that allows more than was asked fails."""
    write(place, "policies/rule.py", POLICY.format(outcome="Outcome(wish.asked_micros // 2, wish.close_lots)"))
    report = check_policy("rule", plugins=[place], data=FEW)
    assert report.is_passed, report
    assert " conflicts" in report.checks[0].told
    assert ", 0 conflicts" not in report.checks[0].told
    write(place, "policies/rule.py", POLICY.format(outcome="Outcome(wish.asked_micros + 1, wish.close_lots)"))
    report = check_policy("rule", plugins=[place], data=FEW)
    assert "allow from 0 to what was asked" in report.checks[0].told


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return 1_000 * quantity", ""),
        ("return 0.5 * quantity", "Fee answered 19.5; costs are whole micros"),
        ("return 1_000_000 // quantity", "it must not fall"),
        ("return -1", "Fee answered -1; costs are whole micros"),
    ],
)
def test_a_commission_is_checked(place: Path, body: str, said: str) -> None:
    """Whole, not negative, not less for more lots."""
    code = f"class Fee:\n    def commission_micros(self, quantity, price_micros):\n        {body}\n"
    write(place, "commissions/fee.py", code)
    report = check_commission("fee", plugins=[place], data=FEW)
    assert report.is_passed == (not said), report
    assert said in report.checks[0].told


def test_a_slippage_is_checked(place: Path) -> None:
    """It may be less a lot for more lots."""
    code = "class Slip:\n    def slippage_micros(self, quantity, reference_micros):\n        return {}\n"
    write(place, "slippages/slip.py", code.format("reference_micros // 1_000 // quantity"))
    report = check_slippage("slip", plugins=[place], data=FEW)
    assert report.is_passed, report
    write(place, "slippages/slip.py", code.format("-5"))
    assert (
        "Slip answered -5; costs are whole micros" in check_slippage("slip", plugins=[place], data=FEW).checks[0].told
    )


def test_a_limit_is_checked(place: Path) -> None:
    """What it answers is held against its protocol, and it has to answer the same in every process."""
    code = "from ropewalk import Room\n\nclass Cap:\n    def room(self, ask):\n        return {}\n"
    write(place, "limits/cap.py", code.format("Room(ask.asked_micros // 2)"))
    report = check_limit("cap", plugins=[place], data=FEW)
    assert report.is_passed, report
    write(place, "limits/cap.py", code.format("0.5 * ask.asked_micros"))
    assert "return a Room of whole micros" in check_limit("cap", plugins=[place], data=FEW).checks[0].told
    write(place, "limits/cap.py", code.format("Room(int([*{str(n) for n in range(90)}][0]) * 1_000_000)"))
    assert verdicts(check_limit("cap", plugins=[place], data=FEW))["determinism"] == "failed"


def test_a_fill_model_is_checked(place: Path) -> None:
    """It fills no more than was ordered, at prices of the bar."""
    code = "class Part:\n    def fill(self, order, bar):\n        return {}\n"
    write(place, "fill_models/part.py", code.format("(order.lots + 1) // 2, order.low_micros"))
    report = check_fill_model("part", plugins=[place], data=FEW)
    assert report.is_passed, report
    write(place, "fill_models/part.py", code.format("order.lots, order.low_micros - 1"))
    assert "outside [" in check_fill_model("part", plugins=[place], data=FEW).checks[0].told


def test_an_observer_is_checked(place: Path) -> None:
    """The one that ships passes; one that raises fails, since its Fault is in the journal."""
    report = check_observer("tap", settings={"folder": str(place / "taps")}, data=FEW)
    assert report.is_passed, report
    code = "from ropewalk import Fill, observer\n\n@observer(Fill)\ndef ears(event, number, cause):\n    event.gone\n"
    write(place, "observers/ears.py", code)
    report = check_observer("ears", plugins=[place], data=FEW)
    assert "ears raised AttributeError" in report.checks[0].told
    assert "the journal is another one than without it" in report.checks[0].told


def test_a_metric_and_a_feed_are_checked(place: Path) -> None:
    """Both say the same when they are asked again."""
    write(place, "metrics/count.py", "def count(owner):\n    return len(owner.fills)\n")
    assert check_metric("count", plugins=[place], data=FEW).is_passed
    code = "class Count:\n    n = 0\n    def __call__(self, owner):\n        Count.n += 1\n        return Count.n\n"
    write(place, "metrics/count.py", code)
    assert "asked twice about one run" in check_metric("count", plugins=[place], data=FEW).checks[0].told
    code = (
        "from ropewalk import synthetic_feed\n\nclass Walk:\n    n = 0\n    def bars(self, folder):\n        {}\n"
        "        return synthetic_feed(2, 100, seed=Walk.n)\n"
    )
    write(place, "feeds/walk.py", code.format("pass"))
    report = check_feed("walk", plugins=[place])
    assert report.is_passed, report
    write(place, "feeds/walk.py", code.format("Walk.n += 1"))
    assert "asked twice it gave other bars" in check_feed("walk", plugins=[place]).checks[0].told


def test_a_report_section_is_checked(place: Path) -> None:
    """It returns a Section, and the same when it is asked again."""
    code = "from ropewalk import Section\nseen = []\n\ndef mine(result):\n    seen.append(1)\n    return {}\n"
    write(place, "report_sections/mine.py", code.format("Section(title='T', text=str(len(result.fills)))"))
    report = check_report_section("mine", plugins=[place], data=FEW)
    assert report.is_passed, report
    write(place, "report_sections/mine.py", code.format("Section(title=str(len(seen)))"))
    told = check_report_section("mine", plugins=[place], data=FEW).checks[0].told
    assert "asked twice about one run it showed something else" in told
    write(place, "report_sections/mine.py", code.format("'text'"))
    assert "return a Section" in check_report_section("mine", plugins=[place], data=FEW).checks[0].told


def test_what_cannot_be_checked_is_said() -> None:
    """A kind that is none."""
    with pytest.raises(ConfigError, match="did you mean 'strategy'"):
        check_plugin("strategi", "any")
